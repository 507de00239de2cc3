"""What features share on the screen: cards, buttons and the format of their custom ids.

Presenters build `Card`s, plain values that tests can read; `to_view` turns one into the
Components V2 view that discord.py sends.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import discord
from services import splitting

CARD_TEXT_LIMIT = 3900
"""Characters of text in one message; Discord allows 4000 over all its text displays."""
CARD_SECTION_LIMIT = 12
"""Sections in one message; with their containers they stay far below Discord's 40 components."""
ACCENT = 0x2A9D8F
ACCENT_WORKING = 0xE9C46A
ACCENT_FAILED = 0xE76F51

CUSTOM_ID = r"v1:(?P<action>[a-z]+):(?P<job>[a-z0-9-]+):(?P<arg>[a-z0-9-]*)"

Style = Literal["plain", "primary", "danger"]
_STYLES = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}


@dataclass(frozen=True, slots=True)
class Section:
    """A framed block of text; `accent` colours its edge, None leaves out the frame."""

    text: str
    accent: int | None = ACCENT
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class JobButton:
    """A button that belongs to a job and survives restarts through its custom id."""

    action: str
    label: str
    style: Style = "plain"
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One message of the bot."""

    sections: tuple[Section, ...]
    buttons: tuple[JobButton, ...] = ()


def custom_id(action: str, job_id: str, arg: str = "") -> str:
    """Return the id under which a press of this button comes back."""
    return f"v1:{action}:{job_id}:{arg}"


def nonce(job_id: str, phase: str, part: int = 0) -> str:
    """Return the deterministic nonce of one message of a job (25 characters at most)."""
    digest = hashlib.sha256(f"{job_id}/{phase}/{part}".encode()).digest()
    return base64.b32encode(digest)[:25].decode().lower()


def pack(sections: Iterable[Section], buttons: Sequence[JobButton]) -> list[Card]:
    """Lay sections out over as few messages as they need, the buttons under the last.

    A section that is too long for one message is split on paragraph borders.
    """
    pages: list[list[Section]] = [[]]
    used = 0
    for section in sections:
        for text in splitting.split(section.text, CARD_TEXT_LIMIT):
            if pages[-1] and (used + len(text) > CARD_TEXT_LIMIT or len(pages[-1]) == CARD_SECTION_LIMIT):
                pages.append([])
                used = 0
            pages[-1].append(Section(text, section.accent, section.spoiler))
            used += len(text)
    last = len(pages) - 1
    return [Card(tuple(page), tuple(buttons) if index == last else ()) for index, page in enumerate(pages)]


def to_view(card: Card, job_id: str, phase: str = "progress", part: int = 0) -> discord.ui.LayoutView:
    """Build the Components V2 view of a card."""
    view = discord.ui.LayoutView(timeout=None)
    for number, section in enumerate(card.sections):
        text = discord.ui.TextDisplay[discord.ui.LayoutView](
            section.text, id=marker(job_id, phase, part) if number == 0 else None
        )
        if section.accent is None and not section.spoiler:
            view.add_item(text)
        else:
            view.add_item(
                discord.ui.Container[discord.ui.LayoutView](
                    text, accent_colour=section.accent, spoiler=section.spoiler
                )
            )
    if card.buttons:
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        for button in card.buttons:
            row.add_item(
                discord.ui.Button(
                    style=_STYLES[button.style],
                    label=button.label,
                    custom_id=custom_id(button.action, job_id, button.arg),
                )
            )
        view.add_item(row)
    # A finished view is not kept by discord.py: presses come back through the custom id alone.
    view.stop()
    return view


def marker(job_id: str, phase: str, part: int) -> int:
    """Return the component id that marks a message as this part of this job (31 bits, not 0)."""
    digest = hashlib.sha256(f"{job_id}/{phase}/{part}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1


def carries(components: Sequence[Mapping[str, Any]], mark: int) -> bool:
    """Tell whether one of these components, or one inside them, has this id."""
    return any(
        component.get("id") == mark or carries(component.get("components", ()), mark)
        for component in components
    )
