"""What makes a repeated send the same message."""

from __future__ import annotations

import time

from playground.discord.state import Message


class Nonces:
    """Remembers for a while which message was sent with which nonce.

    Attributes:
        seconds: How long.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._sent: dict[tuple[int, int, str], tuple[float, int]] = {}

    def find(self, channel_id: int, author_id: int, nonce: str | int) -> int | None:
        """Return the id of the message that this author sent here with this nonce a short while ago."""
        sent = self._sent.get((channel_id, author_id, str(nonce)))
        if sent is None or time.monotonic() - sent[0] > self.seconds:
            return None
        return sent[1]

    def remember(self, message: Message) -> None:
        """Remember a message's nonce."""
        key = (message.channel_id, message.author.id, str(message.nonce))
        self._sent[key] = (time.monotonic(), message.id)
