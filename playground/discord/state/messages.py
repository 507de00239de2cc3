"""Messages and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from playground.discord.state.files import StoredAttachment
from playground.discord.state.kinds import DEFAULT_MESSAGE, TEXT_DISPLAY, Payload
from playground.discord.state.snowflakes import time_of
from playground.discord.state.users import User


@dataclass(slots=True)
class Message:
    """A message. `components` are as they were sent, each with an id."""

    id: int
    channel_id: int
    author: User
    content: str = ""
    type: int = DEFAULT_MESSAGE
    flags: int = 0
    attachments: list[StoredAttachment] = field(default_factory=list[StoredAttachment])
    components: list[Payload] = field(default_factory=list[Payload])
    embeds: list[Payload] = field(default_factory=list[Payload])
    reference: Payload | None = None
    forwarded: Message | None = None
    """A copy of what was forwarded, made when it was."""
    interaction: Payload | None = None
    """Of a response to an interaction: which one, and whose."""
    nonce: str | int | None = None
    edited: str | None = None
    pinged: set[str] = field(default_factory=set[str])
    """Ids of users and roles, `everyone`: whom this message notified."""
    reactions: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Emoji and user id of each, in order."""
    visible_to: int | None = None
    """An ephemeral message's only reader."""

    @property
    def created(self) -> str:
        """When it was sent, as Discord writes it."""
        return time_of(self.id)

    @property
    def text(self) -> str:
        """All text a reader sees: content and text displays, in order."""
        return "\n".join([self.content, *texts(self.components)]).strip()

    def custom_ids(self) -> list[str]:
        """Return the custom ids of its buttons and selects."""
        return [each["custom_id"] for each in walk(self.components) if "custom_id" in each]

    def component(self, custom_id: str) -> Payload | None:
        """Return the button or select with this custom id."""
        return next((each for each in walk(self.components) if each.get("custom_id") == custom_id), None)


def children(component: Payload) -> Iterator[Payload]:
    """Yield the components directly inside one."""
    yield from component.get("components") or ()
    for place in ("accessory", "component"):
        if inner := component.get(place):
            yield inner


def walk(components: Iterable[Payload]) -> list[Payload]:
    """Return components and all inside them."""
    found: list[Payload] = []
    for component in components:
        found.append(component)
        found += walk(children(component))
    return found


def texts(components: Iterable[Payload]) -> list[str]:
    """Return the texts of all text displays."""
    return [each["content"] for each in walk(components) if each.get("type") == TEXT_DISPLAY]
