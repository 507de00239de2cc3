"""Modals: the forms that a bot shows."""

from __future__ import annotations

from typing import Any

from playground.discord.errors import invalid
from playground.discord.forms.checks import one_of, required, sized, text, typed, within
from playground.discord.forms.components import (
    check_custom_id,
    check_options,
    check_select,
    check_text_display,
    numbered,
)
from playground.discord.state import Payload, walk
from playground.discord.state.kinds import (
    ACTION_ROW,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    SELECTS,
    TEXT_DISPLAY,
    TEXT_INPUT,
)

_FIELDS = SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}


def check_modal(modal: Payload) -> Payload:
    """Return a modal as Discord shows it, or refuse it."""
    check_custom_id("data", modal)
    text("data.title", required("data.title", modal.get("title")), 1, 45)
    components = typed("data.components", modal.get("components"), list)
    sized("data.components", components, 1, 5)
    for number, each in enumerate(components):
        _check_line(f"data.components.{number}", typed(f"data.components.{number}", each, dict))
    every = walk(components)
    custom_ids = [each["custom_id"] for each in every if "custom_id" in each]
    if len(set(custom_ids)) != len(custom_ids):
        raise invalid(
            "data.components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
        )
    return modal | {"components": numbered(components, every)}


def _check_line(path: str, line: Payload) -> None:
    kind = one_of(f"{path}.type", line.get("type"), {ACTION_ROW, LABEL, TEXT_DISPLAY})
    if kind == TEXT_DISPLAY:
        check_text_display(path, line)
    elif kind == ACTION_ROW:
        held = typed(f"{path}.components", line.get("components"), list)
        sized(f"{path}.components", held, 1, 1)
        one_of(f"{path}.components.0.type", held[0].get("type"), {TEXT_INPUT})
        _check_field(f"{path}.components.0", held[0])
        text(f"{path}.components.0.label", required(f"{path}.components.0.label", held[0].get("label")), 1, 45)
    else:
        text(f"{path}.label", required(f"{path}.label", line.get("label")), 1, 45)
        text(f"{path}.description", line.get("description") or "", 0, 100)
        _check_field(f"{path}.component", typed(f"{path}.component", line.get("component"), dict))


def _check_field(path: str, field: Payload) -> None:
    kind = one_of(f"{path}.type", field.get("type"), _FIELDS)
    if kind in SELECTS:
        check_select(path, field)
        return
    check_custom_id(path, field)
    if kind == TEXT_INPUT:
        _check_text_input(path, field)
    elif kind == FILE_UPLOAD:
        _check_range(path, field, 10)
    elif kind == RADIO_GROUP:
        check_options(path, field.get("options"), 2, 10)
    elif kind == CHECKBOX_GROUP:
        check_options(path, field.get("options"), 1, 10)
        _check_range(path, field, 10)


def _check_text_input(path: str, field: Payload) -> None:
    one_of(f"{path}.style", field.get("style"), {1, 2})
    low = within(f"{path}.min_length", field.get("min_length") or 0, 0, 4000)
    high = within(f"{path}.max_length", field.get("max_length") or 4000, 1, 4000)
    text(f"{path}.placeholder", field.get("placeholder") or "", 0, 100)
    if field.get("value"):
        text(f"{path}.value", field["value"], low, high)


def _check_range(path: str, field: Payload, most: int) -> None:
    low, high = field.get("min_values"), field.get("max_values")
    within(f"{path}.min_values", 1 if low is None else low, 0, most)
    within(f"{path}.max_values", 1 if high is None else high, 1, most)


def fields_of(modal: Payload) -> list[Payload]:
    """Return what a person fills in, in order."""
    return [each for each in walk(typed("components", modal["components"], list)) if each["type"] in _FIELDS]


def is_required(field: Any) -> bool:
    """Tell whether a field must be filled in."""
    return bool(field.get("required", True)) and field["type"] != CHECKBOX
