"""The player's side in a terminal: reads commands, shows what happens in the newest thread."""

from __future__ import annotations

import asyncio
import shlex
import sys
import threading
from pathlib import Path

from playground.discord import File, LocalDiscord
from playground.discord.state import Channel, Message, User
from playground.discord.state.messages import walk

HELP = """\
  post FILE [FILE ...] [-- TEXT]   post files in the channel, with a question if you like
  say TEXT                         say something in the newest thread
  press LABEL                      press a button of the bot's newest message there
  help, quit"""


class Table:
    """The player's side: reads commands, shows what happens in the newest thread."""

    def __init__(self, local: LocalDiscord, player: User, channel: Channel) -> None:
        self._local = local
        self._player = player
        self._channel = channel
        self._shown: dict[int, str] = {}

    async def run(self) -> None:
        """Obey commands until the end of input; show changes meanwhile."""
        say(HELP)
        lines = _typed()
        reading = asyncio.ensure_future(lines.get())
        changing = asyncio.ensure_future(self._local.world.next_change())
        try:
            while True:
                await asyncio.wait({reading, changing}, return_when=asyncio.FIRST_COMPLETED)
                if changing.done():
                    self._show()
                    changing = asyncio.ensure_future(self._local.world.next_change())
                if reading.done():
                    line = reading.result()
                    if not line or line.strip() == "quit":
                        break
                    await self._obey(line.strip())
                    reading = asyncio.ensure_future(lines.get())
        finally:
            reading.cancel()
            changing.cancel()

    async def _obey(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        try:
            match command:
                case "post":
                    await self._post(rest)
                case "say" if (thread := self._newest_thread()) is not None:
                    await self._local.post(self._player, thread, rest)
                case "press":
                    await self._press(rest)
                case "":
                    pass
                case _:
                    say(HELP)
        except (OSError, LookupError, ValueError) as error:
            say(f"  that did not work: {error}")

    async def _post(self, rest: str) -> None:
        names, _, text = rest.partition(" -- ")
        paths = [Path(name) for name in shlex.split(names)]
        files = [File(path.name, await asyncio.to_thread(path.read_bytes)) for path in paths]
        await self._local.post(self._player, self._channel, text, files)

    async def _press(self, label: str) -> None:
        thread = self._newest_thread()
        posted: list[Message] = self._local.messages(thread) if thread else []
        for message in reversed(posted):
            for button in walk(message.components):
                if button.get("label", "").lower() == label.lower():
                    await self._local.press(self._player, message, button["custom_id"])
                    return
        raise LookupError(f"there is no button {label!r}")

    def _newest_thread(self) -> Channel | None:
        threads = [each for each in self._local.world.channels.values() if each.parent_id == self._channel.id]
        return max(threads, key=lambda each: each.id, default=None)

    def _show(self) -> None:
        thread = self._newest_thread()
        for place in (self._channel, *((thread,) if thread else ())):
            for message in self._local.messages(place):
                labels = [f"[{each['label']}]" for each in walk(message.components) if each.get("label")]
                text = " ".join([message.text, *labels])
                if message.author.bot and self._shown.get(message.id) != text:
                    self._shown[message.id] = text
                    say(f"\n# {place.name} - {message.author.name}:\n{text}")


def _typed() -> asyncio.Queue[str]:
    """Return what is typed, line by line; an empty one at the end of input."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        while True:
            line = sys.stdin.readline()
            loop.call_soon_threadsafe(lines.put_nowait, line)
            if not line:
                return

    # A thread of the loop's pool would have to be waited for at the end, which a key press may never bring.
    threading.Thread(target=read, name="console", daemon=True).start()
    return lines


def say(text: str) -> None:
    """Write to standard output at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
