"""What a person did with the bot's commands, buttons and forms, and how the bot answered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from playground.discord.state.kinds import Payload
from playground.discord.state.users import User

Answer = Literal["", "message", "deferred", "deferred update", "update", "modal", "autocomplete"]


@dataclass(slots=True)
class Interaction:
    """One use of a command, a component or a modal."""

    id: int
    token: str
    user: User
    channel_id: int
    kind: int
    data: Payload
    message_id: int | None = None
    """Of the message that a pressed button sits on."""
    opened_by: Payload | None = None
    """Of a filled-in modal: the interaction that opened it, as messages show it."""
    created: float = field(default_factory=time.monotonic)
    """By the monotonic clock; limits are counted from here."""
    answered: Answer = ""
    answered_after: float | None = None
    """Seconds until the bot acknowledged it."""
    failed: bool = False
    """The bot did not respond in time; its token is void."""
    ephemeral: bool = False
    response_id: int | None = None
    """Of the message that answers it; of a pressed button's own message when that is updated."""
    followups: list[int] = field(default_factory=list[int])
    """Ids of the messages that came after the response."""
    modal: Payload | None = None
    """The form that the bot showed."""
    choices: list[Payload] | None = None
    """What the bot proposed while a person was typing."""
