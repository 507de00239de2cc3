"""The text that answers are made from: shown as it is, and a form in which people change it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from services import rendering, splitting
from services.catalogue import Catalogue
from services.delivery import OutgoingFile
from services.domain import Correction
from services.readings import as_text
from services.store.conversations import Conversation
from services.timeline_file import as_json

from cogs._ui import CARD_TEXT_LIMIT, CUSTOM_ID, Card, JobButton, Section, custom_id

MOST_ITEMS = 5
"""Shown at once: a row has five buttons. All of them are in the file."""
FORM_LIMIT = 4000
"""Characters of a form's field."""
FILE_NAME = "text.txt"
TIMELINE_NAME = "timeline.json"
FORM = "textform"
FORM_SECONDS = 900.0
"""Discord's own limit for the interaction behind a form."""
WHOLE, ADDED = "whole", "added"
"""Whether what is sent stands for all of the text, or is added to it."""


@dataclass(frozen=True, slots=True)
class SentText:
    """A form as it arrived."""

    job_id: str
    attachment_id: int
    text: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ItemText:
    """The text of one item."""

    conversation_id: int
    attachment_id: int
    number: int
    name: str
    text: str
    corrections: tuple[Correction, ...]
    spoiler: bool
    timeline: str = ""
    """As JSON, of what has a clock."""

    @property
    def is_whole(self) -> bool:
        """Whether the form holds all of it; a longer text is added to instead."""
        return len(self.text) <= FORM_LIMIT


def item_texts(conversation_id: int, conversation: Conversation) -> list[ItemText]:
    """Return the texts of a conversation's items, under the numbers by which answers name them."""
    return [
        ItemText(
            conversation_id,
            item.source.attachment_id,
            number,
            item.filename,
            as_text(reading, corrections := conversation.corrections_of(item)),
            corrections,
            item.spoiler,
            as_json(item.filename, reading, corrections),
        )
        for number, (item, reading) in enumerate(conversation.items, 1)
    ]


def present_texts(catalogue: Catalogue, texts: Sequence[ItemText]) -> Card:
    """Build the card with the newest texts, each with a button to change it."""
    shown = texts[-MOST_ITEMS:]
    sections: list[Section] = []
    for each in shown:
        head = f"**{each.number}. {rendering.render_name(each.name)}**"
        foot = "".join(
            f"\n-# {catalogue.text('text-corrected-by', person=f'<@{person}>')}"
            for person in dict.fromkeys(correction.by_id for correction in each.corrections)
        )
        room = CARD_TEXT_LIMIT // len(shown) - splitting.length(head + foot) - 10
        parts = splitting.split(rendering.render_literal(each.text), room)
        rest = " …" if len(parts) > 1 else ""
        sections.append(Section(f"{head}\n{parts[0] if parts else ''}{rest}{foot}", spoiler=each.spoiler))
    hidden = any(each.spoiler for each in texts)
    files = tuple(text_files(texts))
    sections.append(Section(f"-# {catalogue.text('text-is-used')}", None, spoiler=hidden, files=files))
    buttons = tuple(
        JobButton("edit", catalogue.text("button-edit", number=each.number), arg=str(each.attachment_id))
        for each in shown
    )
    return Card(tuple(sections), buttons)


def text_files(texts: Sequence[ItemText]) -> list[OutgoingFile]:
    """Return all texts as a file, and the newest items that have a clock as JSON."""
    whole = "\n\n".join(f"{each.number}. {each.name}\n{each.text}" for each in texts)
    timed = [each for each in texts if each.timeline][-MOST_ITEMS:]
    names = [TIMELINE_NAME] if len(timed) == 1 else [f"timeline-{each.number}.json" for each in timed]
    timelines = [
        OutgoingFile(name, each.timeline.encode(), "") for name, each in zip(names, timed, strict=True)
    ]
    return [OutgoingFile(FILE_NAME, whole.encode(), ""), *timelines]


def text_form(catalogue: Catalogue, item: ItemText, job_id: str) -> discord.ui.Modal:
    """Build a form with the text of an item; all that its sending needs stands in its custom id."""
    how = WHOLE if item.is_whole else ADDED
    form = discord.ui.Modal(
        title=catalogue.text("text-form", number=item.number),
        custom_id=custom_id(FORM, job_id, f"{item.attachment_id}-{how}"),
        timeout=FORM_SECONDS,
    )
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        style=discord.TextStyle.paragraph,
        custom_id="text",
        default=item.text if item.is_whole else None,
        max_length=FORM_LIMIT,
    )
    label = catalogue.text("text-form-whole" if item.is_whole else "text-form-added")
    form.add_item(discord.ui.Label[Any](text=label, component=field))
    return form


def read_form(interaction: discord.Interaction[Any]) -> SentText | None:
    """Return what a person wrote into a form, also one opened before a restart; None for all else."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    data: Mapping[str, Any] = {**(interaction.data or {})}
    found = re.fullmatch(CUSTOM_ID, data.get("custom_id", ""))
    if found is None or found["action"] != FORM:
        return None
    attachment_id, _, how = found["arg"].partition("-")
    fields: list[Mapping[str, Any]] = [each.get("component", {}) for each in data.get("components", ())]
    text = next((each.get("value") or "" for each in fields if each.get("custom_id") == "text"), "")
    if not attachment_id.isdigit() or how not in {WHOLE, ADDED}:
        return None
    return SentText(found["job"], int(attachment_id), text.strip(), is_whole=how == WHOLE)
