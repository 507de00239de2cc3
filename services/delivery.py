"""The port through which workflows speak: "say this in that place". Implemented in `cogs/_delivery.py`.

Everything here is safe to repeat: opening a place finds what is already there, and every message is
sent with a nonce made from job, phase and part, so a step that died half-way can run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.domain import Attachment, JobRequest, MessageSource, Outcome, Place, Progress


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that the bot posts; it always has alt text."""

    name: str
    data: bytes
    alt_text: str
    spoiler: bool = False


class Delivery(Protocol):
    """Speaks to Discord by REST alone, so a worker without a gateway can use it."""

    async def open_place(self, request: JobRequest, *, begins: int | None = None) -> Place:
        """Open the thread on the request's message (or find where else to answer) and post the progress card.

        Args:
            begins: Unix time at which a job that has to wait in line should begin.

        Raises:
            UserError: The message is gone, or nothing may be posted there.
        """
        ...

    async def show_progress(self, request: JobRequest, place: Place, progress: Progress) -> None:
        """Edit the progress card. Best effort: never raises."""
        ...

    async def show_text(self, request: JobRequest, place: Place, text: str) -> None:
        """Edit the progress card into the answer written so far. Best effort: never raises."""
        ...

    async def deliver(
        self, request: JobRequest, place: Place, outcome: Outcome, *, in_place: bool
    ) -> list[int]:
        """Post the outcome; return the ids of its messages.

        `in_place` turns the progress card into the (first part of the) outcome. Otherwise new
        messages are posted, which notify, and the card is deleted.
        """
        ...

    async def show_outcome(self, request: JobRequest, place: Place, outcome: Outcome) -> None:
        """Edit the progress card into what there is so far. Best effort: never raises."""
        ...

    async def post(self, request: JobRequest, place: Place, outcome: Outcome, *, part: int) -> int:
        """Post a message that stands beside the job's own; return its id.

        Args:
            part: Tells the messages of one job apart.
        """
        ...

    async def attachments(self, channel_id: int, message_id: int) -> list[Attachment]:
        """Return the files of a message of the bot.

        Raises:
            MediaError: The message is gone.
        """
        ...

    async def attachment_url(self, source: MessageSource, *, anew: bool = False) -> str:
        """Fetch the message and return a fresh URL of the attachment.

        Args:
            anew: Fetch it even if it was fetched a moment ago: that URL did not work.

        Raises:
            MediaError: The message or the attachment is gone, or cannot be seen any more.
        """
        ...

    async def post_file(
        self, request: JobRequest, place: Place, file: OutgoingFile, *, part: int
    ) -> Attachment:
        """Post a file in the place; return it as an attachment of that message.

        Raises:
            MediaError: The file is too big to be posted there.
        """
        ...

    async def tell_owner(self, notice: str, *, role: str, reason: str) -> None:
        """Tell the bot's owner in private what they have to see to. Best effort: never raises.

        Args:
            notice: Code of the owner's sentence, in the catalogue.
            role: The model role that it is about.
            reason: Code of the sentence that people get.
        """
        ...

    async def stands(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message is still there for the bot to read."""
        ...

    async def is_deleted(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message, or its channel, was deleted; what the bot may only not see was not."""
        ...

    async def may_read(self, guild_id: int, channel_id: int, message_id: int, person_id: int) -> bool:
        """Tell whether a message is still there and a person may read it."""
        ...

    async def set_alt_text(self, source: MessageSource, alt_text: str) -> None:
        """Give a file that the bot posted its alt text. Best effort: never raises."""
        ...

    async def take_back(self, channel_id: int, message_ids: Sequence[int]) -> None:
        """Delete messages of the bot; those that are gone already do not matter."""
        ...
