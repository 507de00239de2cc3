"""What features share on the screen: cards, buttons and the format of their custom ids.

Presenters build `Card`s, plain values that tests can read; `to_view` turns one into the
Components V2 view that discord.py sends.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import discord
from services import splitting
from services.delivery import OutgoingFile
from services.domain import StoredFile

CARD_TEXT_LIMIT = 3900
"""Characters of text in one message; Discord allows 4000 over all its text displays."""
CARD_COMPONENT_LIMIT = 24
"""Components of the sections of one message; with three rows of buttons they stay within Discord's 40."""
ROW_BUTTONS = 5
CARD_FILE_LIMIT = 10
"""Files in one message."""
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


CardFile = OutgoingFile | StoredFile


@dataclass(frozen=True, slots=True)
class Section:
    """A framed block; `accent` colours its edge, None leaves out the frame (if it has text only)."""

    text: str
    accent: int | None = ACCENT
    spoiler: bool = False
    pictures: tuple[CardFile, ...] = ()
    """Shown below the text."""
    files: tuple[CardFile, ...] = ()
    """To be downloaded; their names are ASCII letters, digits, `_`, `-` and `.` only."""

    @property
    def components(self) -> int:
        """How many of Discord's components it takes at most."""
        return 2 + bool(self.pictures) + len(self.files)


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
    for section in sections:
        for piece in _pieces(section):
            if pages[-1] and not _fits([*pages[-1], piece]):
                pages.append([])
            pages[-1].append(piece)
    last = len(pages) - 1
    return [Card(tuple(page), tuple(buttons) if index == last else ()) for index, page in enumerate(pages)]


def _pieces(section: Section) -> list[Section]:
    """Split a section's text; its pictures stay with the beginning, its files with the end."""
    texts = splitting.split(section.text, CARD_TEXT_LIMIT) or [""]
    last = len(texts) - 1
    return [
        replace(
            section,
            text=text,
            pictures=section.pictures if index == 0 else (),
            files=section.files if index == last else (),
        )
        for index, text in enumerate(texts)
    ]


def _fits(page: Sequence[Section]) -> bool:
    return (
        sum(splitting.length(each.text) for each in page) <= CARD_TEXT_LIMIT
        and sum(each.components for each in page) <= CARD_COMPONENT_LIMIT
        and sum(len(each.pictures) + len(each.files) for each in page) <= CARD_FILE_LIMIT
    )


def to_view(card: Card, job_id: str, phase: str = "progress", part: int = 0) -> discord.ui.LayoutView:
    """Build the Components V2 view of a card."""
    view = discord.ui.LayoutView(timeout=None)
    for number, section in enumerate(card.sections):
        mark = marker(job_id, phase, part) if number == 0 else None
        parts = _section_parts(section, mark)
        if section.accent is None and not section.spoiler:
            for each in parts:
                view.add_item(each)
        else:
            view.add_item(
                discord.ui.Container[discord.ui.LayoutView](
                    *parts, accent_colour=section.accent, spoiler=section.spoiler
                )
            )
    for start in range(0, len(card.buttons), ROW_BUTTONS):
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        for button in card.buttons[start : start + ROW_BUTTONS]:
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


def _section_parts(section: Section, mark: int | None) -> list[discord.ui.Item[discord.ui.LayoutView]]:
    parts: list[discord.ui.Item[discord.ui.LayoutView]] = [
        discord.ui.TextDisplay[discord.ui.LayoutView](section.text or "\u200b", id=mark)
    ]
    if section.pictures:
        gallery = discord.ui.MediaGallery[discord.ui.LayoutView]()
        for picture in section.pictures:
            gallery.add_item(
                media=f"attachment://{picture.name}", description=picture.alt_text, spoiler=section.spoiler
            )
        parts.append(gallery)
    parts += [
        discord.ui.File[discord.ui.LayoutView](f"attachment://{file.name}", spoiler=section.spoiler)
        for file in section.files
    ]
    return parts


def files_of(card: Card) -> list[CardFile]:
    """Return what has to be uploaded with a card, in order."""
    return [file for section in card.sections for file in (*section.pictures, *section.files)]


def without_files(cards: Sequence[Card], sentence: str) -> list[Card]:
    """Return cards whose pictures and files are left out, which they say where there were any."""
    return [
        replace(
            card,
            sections=tuple(
                replace(each, pictures=(), files=(), text=f"{each.text}\n-# {sentence}")
                if each.pictures or each.files
                else each
                for each in card.sections
            ),
        )
        for card in cards
    ]


def marker(job_id: str, phase: str, part: int) -> int:
    """Return the component id that marks a message as this part of this job (31 bits, not 0)."""
    digest = hashlib.sha256(f"{job_id}/{phase}/{part}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1


def carries(components: Sequence[Mapping[str, Any]], mark: int) -> bool:
    """Tell whether one of these components, or one inside them, has this id."""
    return any(
        component.get("id") == mark or carries(component.get("components") or (), mark)
        for component in components
    )
