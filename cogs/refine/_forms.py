"""The forms of refinements, and what people filled in; forms are read from the event, also after a restart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import discord
from services.catalogue import Catalogue
from services.domain import Attachment, InteractionSource, RefinePreset, RefineStart, RefineWish
from services.errors import UserError
from services.workflows.refine_desk import split_files

from cogs._ui import CUSTOM_ID, custom_id

GOAL_LIMIT = 1000
WORDS_LIMIT = 300
FORM_SECONDS = 900.0
"""Discord's own limit for the interaction behind a form."""
FORM = "rfform"
CORRECTION = "rfcorrection"
MASK = "rfmaskwords"
PRESETS: dict[str, tuple[RefinePreset, RefineStart]] = {
    "match": ("match", "text"),
    "detail": ("detail", "edit"),
    "restyle": ("restyle", "edit"),
    "own": ("own", "edit"),
    "text": ("own", "text"),
}
_LABELS = {
    "match": ("refine-preset-match", "refine-preset-match-hint"),
    "detail": ("refine-preset-detail", "refine-preset-detail-hint"),
    "restyle": ("refine-preset-restyle", "refine-preset-restyle-hint"),
    "own": ("refine-preset-own", "refine-preset-own-hint"),
    "text": ("refine-preset-text", "refine-preset-text-hint"),
}
_ONLY = re.compile(r"^(?:only|just)\b\s*", re.IGNORECASE)
_KEEP = re.compile(r"^keep\b:?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form as it arrived."""

    action: str
    job_id: str
    arg: str
    texts: Mapping[str, str]
    files: tuple[Attachment, ...]
    urls: Mapping[int, str]
    """Signed URLs of the files, by attachment id."""


def refine_form(
    catalogue: Catalogue, refinement_id: str, *, rounds: int, most: int, goal: str = ""
) -> discord.ui.Modal:
    """Build the form that begins a refinement; every field has a sensible default.

    Args:
        goal: What was asked for in the thread already.
    """
    text, preset = catalogue.text, "own" if goal else "match"
    form = discord.ui.Modal(
        title=text("refine-form-title"), custom_id=custom_id(FORM, refinement_id), timeout=FORM_SECONDS
    )
    options = [
        discord.RadioGroupOption(
            label=text(label), value=value, description=text(hint), default=value == preset
        )
        for value, (label, hint) in _LABELS.items()
    ]
    form.add_item(
        discord.ui.Label(
            text=text("refine-form-goal"),
            description=text("refine-form-goal-hint"),
            component=discord.ui.TextInput(
                custom_id="goal",
                style=discord.TextStyle.paragraph,
                required=False,
                max_length=GOAL_LIMIT,
                default=goal[:GOAL_LIMIT] or None,
            ),
        )
    )
    form.add_item(
        discord.ui.Label(
            text=text("refine-form-preset"),
            component=discord.ui.RadioGroup(custom_id="preset", required=False, options=options),
        )
    )
    form.add_item(
        discord.ui.Label(
            text=text("refine-form-limits"),
            description=text("refine-form-limits-hint"),
            component=discord.ui.TextInput(custom_id="limits", required=False, max_length=WORDS_LIMIT),
        )
    )
    form.add_item(
        discord.ui.Label(
            text=text("refine-form-rounds"),
            description=text("refine-form-rounds-hint", most=most),
            component=discord.ui.TextInput(
                custom_id="rounds", required=False, max_length=4, default=str(rounds)
            ),
        )
    )
    form.add_item(
        discord.ui.Label(
            text=text("refine-form-files"),
            description=text("refine-form-files-hint"),
            component=discord.ui.FileUpload(custom_id="files", required=False, min_values=0, max_values=2),
        )
    )
    return form


def words_form(catalogue: Catalogue, action: str, job_id: str, arg: str) -> discord.ui.Modal:
    """Build the form for a correction, or for other words for the mask."""
    text = catalogue.text
    if action == CORRECTION:
        title, label, hint = "refine-correction-title", "refine-correction-label", "refine-correction-hint"
    else:
        title, label, hint = "refine-mask-title", "refine-mask-label", "refine-form-limits-hint"
    form = discord.ui.Modal(title=text(title), custom_id=custom_id(action, job_id, arg), timeout=FORM_SECONDS)
    form.add_item(
        discord.ui.Label(
            text=text(label),
            description=text(hint),
            component=discord.ui.TextInput(
                custom_id="words", style=discord.TextStyle.paragraph, max_length=GOAL_LIMIT
            ),
        )
    )
    return form


def read_form(interaction: discord.Interaction[Any]) -> SentForm | None:
    """Return what a person filled in; None for other interactions and other forms."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    data: Mapping[str, Any] = {**(interaction.data or {})}
    found = re.fullmatch(CUSTOM_ID, data.get("custom_id", ""))
    if found is None or found["action"] not in {FORM, CORRECTION, MASK}:
        return None
    texts: dict[str, str] = {}
    chosen: list[str] = []
    for field in _fields(data.get("components", ())):
        if "values" in field:
            chosen += field["values"]
        else:
            texts[field["custom_id"]] = field.get("value") or ""
    resolved = data.get("resolved", {}).get("attachments", {})
    files = [resolved[each] for each in chosen if each in resolved]
    return SentForm(
        action=found["action"],
        job_id=found["job"],
        arg=found["arg"],
        texts=texts,
        files=tuple(
            Attachment(
                source=InteractionSource(interaction.id, int(each["id"])),
                filename=each["filename"],
                size=each["size"],
                content_type=each.get("content_type"),
                spoiler=each["filename"].startswith("SPOILER_"),
            )
            for each in files
        ),
        urls={int(each["id"]): each["url"] for each in files},
    )


def wish_of(form: SentForm, *, rounds: int, most: int) -> RefineWish:
    """Return what a form asks for.

    Args:
        rounds: What an empty field means.
        most: The largest number that is allowed.

    Raises:
        UserError: The number of rounds is none.
    """
    written = form.texts.get("rounds", "").strip()
    if written and not re.fullmatch(r"\d{1,4}", written):
        raise UserError("refine-rounds", most=str(most))
    goal = form.texts.get("goal", "").strip()
    chosen = form.texts.get("preset") or "match"
    if goal and chosen == "match":
        chosen = "own"  # Somebody who says what they want does not want the original back.
    preset, start = PRESETS[chosen]
    keep, mask_words = limits_in(form.texts.get("limits", ""))
    mask, reference = split_files(form.files)
    return RefineWish(
        goal=goal,
        rounds=int(written) if written else rounds,
        start=start,
        preset=preset,
        keep=keep,
        mask_words=mask_words,
        mask_file=mask,
        reference=reference,
    )


def limits_in(text: str) -> tuple[str, str]:
    """Return what must stay and what alone may change: "keep the dog; only the left cup"."""
    pieces = [each.strip() for each in re.split(r"[;\n]+", text) if each.strip()]
    only = [each for each in pieces if _ONLY.match(each)]
    keep = [_KEEP.sub("", each) for each in pieces if each not in only]
    return "; ".join(keep), "; ".join(only)


def _fields(components: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for each in components:
        if "component" in each:
            yield each["component"]
        yield from each.get("components", ())
