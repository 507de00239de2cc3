"""Keeps the world in a folder, so that it survives a restart of the server."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

from services.tasks import Tasks

from playground.discord.snapshot import dump, load
from playground.discord.state import StoredAttachment
from playground.discord.world import World

log = logging.getLogger(__name__)

QUIET_SECONDS = 0.5


class Keeper:
    """Writes `world.json` and `files/<attachment id>` a moment after each change.

    The JSON is replaced as a whole, after the files that it names and before those it no longer
    names go: whenever the process dies, the folder holds one consistent world.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._path = folder / "world.json"
        self._files = folder / "files"
        self._written: set[int] = set()
        self._tasks = Tasks()
        self._ending = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Restore what was kept, if anything was, and keep from now on.

        Raises:
            ValueError: The folder holds a world that cannot be read.
        """
        await asyncio.to_thread(self._files.mkdir, parents=True, exist_ok=True)
        kept = await asyncio.to_thread(self._read)
        if kept is not None:
            load(self._world, json.loads(kept), self._bytes)
        # Files that no message names any more go with the next save.
        self._written = {int(each.name) for each in self._files.iterdir() if each.name.isdigit()}
        self._keeping = self._tasks.start(self._keep(), name="keeping the world")

    async def aclose(self) -> None:
        """Write for the last time."""
        self._ending.set()
        if self._keeping is not None:
            await self._keeping
            await self._save()

    async def _keep(self) -> None:
        ending = asyncio.ensure_future(self._ending.wait())
        changing = asyncio.ensure_future(self._world.next_change())
        while not ending.done():
            await asyncio.wait({ending, changing}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({ending}, timeout=QUIET_SECONDS)  # what happens in a burst is written once
            changing.cancel()
            changing = asyncio.ensure_future(self._world.next_change())
            try:
                await self._save()
            except OSError:
                log.exception("The world could not be saved; it is tried again after the next change")
        changing.cancel()

    async def _save(self) -> None:
        # Taken in the event loop, so that nothing changes meanwhile; written elsewhere.
        text = json.dumps(dump(self._world), ensure_ascii=False)
        held = dict(self._world.attachments)
        new = [each for number, each in held.items() if number not in self._written]
        gone = self._written - set(held)
        await asyncio.to_thread(self._write, text, new, gone)
        self._written = set(held)

    def _read(self) -> str | None:
        return self._path.read_text(encoding="utf-8") if self._path.exists() else None

    def _bytes(self, attachment_id: int) -> bytes:
        path = self._files / str(attachment_id)
        # A forward may name a file that went with its first message.
        return path.read_bytes() if path.exists() else b""

    def _write(self, text: str, new: list[StoredAttachment], gone: set[int]) -> None:
        for attachment in new:
            _replace(self._files / str(attachment.id), attachment.file.data)
        _replace(self._path, text.encode())
        for number in gone:
            (self._files / str(number)).unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that it is there as a whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
