"""The bytes of the files that cards carry, ready to be uploaded as often as a send is tried."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass

import discord
from services.domain import StoredFile
from services.store.blobs import BlobRepository

from cogs._ui import Card, CardFile, files_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with its bytes."""

    name: str
    data: bytes
    alt_text: str
    spoiler: bool

    def as_upload(self) -> discord.File:
        """Return what discord.py sends; it reads each of these once only."""
        return discord.File(
            io.BytesIO(self.data), self.name, spoiler=self.spoiler, description=self.alt_text or None
        )


class LostFileError(Exception):
    """The bytes of a stored file have expired."""


class Uploads:
    """Collects a card's files; those that a step made come from table `blobs`."""

    def __init__(self, blobs: BlobRepository) -> None:
        self._blobs = blobs

    async def of(self, card: Card) -> list[Upload]:
        """Return the files of a card in order.

        Raises:
            LostFileError: The bytes of one have expired.
        """
        # The name of a spoilered upload would not match what the card refers to; the card itself hides it.
        return [
            Upload(file.name, await self._bytes(file), file.alt_text, spoiler=False) for file in files_of(card)
        ]

    async def _bytes(self, file: CardFile) -> bytes:
        if not isinstance(file, StoredFile):
            return file.data
        data = await self._blobs.get(file.sha256)
        if data is None:
            log.warning("File %s has expired before it was posted", file.sha256)
            raise LostFileError
        return data
