"""The port through which workflows speak: "say this in that place". Implemented in `cogs/_delivery.py`.

Everything here is safe to repeat: opening a place finds what is already there, and every message is
sent with a nonce made from job, phase and part, so a step that died half-way can run again.
"""

from __future__ import annotations

from typing import Protocol

from services.domain import Attachment, JobRequest, MessageSource, Outcome, Place, Progress


class Delivery(Protocol):
    """Speaks to Discord by REST alone, so a worker without a gateway can use it."""

    async def open_place(self, request: JobRequest) -> Place:
        """Open the thread on the request's message (or find where else to answer) and post the progress card.

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

    async def refresh_attachment(self, source: MessageSource) -> str:
        """Fetch the message again and return a fresh URL of the attachment.

        Raises:
            MediaError: The message or the attachment is gone, or cannot be seen any more.
        """
        ...

    async def adopt_attachments(self, request: JobRequest, place: Place) -> tuple[Attachment, ...]:
        """Post the files of an interaction in the place; return them as attachments of that message."""
        ...
