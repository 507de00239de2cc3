"""Components of messages: the classic rows, and those of "components V2"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from playground.discord.errors import invalid
from playground.discord.forms.checks import one_of, required, sized, text, typed, within
from playground.discord.state import Payload, walk
from playground.discord.state.kinds import (
    ACTION_ROW,
    BUTTON,
    CONTAINER,
    FILE_COMPONENT,
    GALLERY,
    LINK_BUTTON,
    PREMIUM_BUTTON,
    SECTION,
    SELECTS,
    SEPARATOR,
    STRING_SELECT,
    TEXT_DISPLAY,
    THUMBNAIL,
)
from playground.discord.state.messages import texts

COMPONENTS = 40
TEXT_TOTAL = 4000
ROWS = 5
_IN_CONTAINER = frozenset({ACTION_ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE_COMPONENT, SEPARATOR})
_AT_TOP = _IN_CONTAINER | {CONTAINER}
_REFERENCE = "attachment://"


def check_components(components: Any, *, v2: bool, attachments: Collection[str]) -> list[Payload]:
    """Return a message's components as Discord stores them, or refuse them.

    Args:
        components: As they were sent.
        v2: The message has the flag of components V2.
        attachments: Names of the message's files, to which `attachment://` may refer.
    """
    found = typed("components", components, list)
    if not v2:
        sized("components", found, 0, ROWS)
    check = _Check(attachments)
    for number, each in enumerate(found):
        check.one(f"components.{number}", each, _AT_TOP if v2 else {ACTION_ROW})
    every = walk(found)
    if len(every) > COMPONENTS:
        raise invalid("components", "COMPONENT_MAX_TOTAL", f"At most {COMPONENTS} components in all.")
    if sum(map(len, texts(found))) > TEXT_TOTAL:
        message = f"The total displayable text must be {TEXT_TOTAL} or fewer characters."
        raise invalid("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    custom_ids = [each["custom_id"] for each in every if "custom_id" in each]
    if len(set(custom_ids)) != len(custom_ids):
        raise invalid(
            "components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
        )
    return numbered(found, every)


def numbered(components: Sequence[Payload], every: Sequence[Payload]) -> list[Payload]:
    """Return components of which each has an id, unique in its message."""
    given = [each["id"] for each in every if each.get("id")]
    if len(set(given)) != len(given):
        raise invalid("components", "COMPONENT_ID_DUPLICATED", "Component ids must be unique.")
    free = (number for number in range(1, 10_000) if number not in given)
    return [_numbered(each, free) for each in components]


def _numbered(component: Payload, free: Iterator[int]) -> Payload:
    stored = component | {"id": component.get("id") or next(free)}
    for place in ("accessory", "component"):
        if component.get(place):
            stored[place] = _numbered(component[place], free)
    if "components" in component:
        stored["components"] = [_numbered(each, free) for each in component["components"]]
    return stored


class _Check:
    """Checks components of every kind. `path` says where each stands."""

    def __init__(self, attachments: Collection[str]) -> None:
        self._attachments = attachments
        self._kinds: dict[int, Callable[[str, Payload], None]] = {
            ACTION_ROW: self._row,
            BUTTON: check_button,
            SECTION: self._section,
            TEXT_DISPLAY: check_text_display,
            THUMBNAIL: self._thumbnail,
            GALLERY: self._gallery,
            FILE_COMPONENT: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
        } | dict.fromkeys(SELECTS, check_select)

    def one(self, path: str, component: Any, allowed: Collection[int]) -> None:
        """Check a component and all inside it."""
        found = typed(path, component, dict)
        if found.get("type") not in allowed:
            listed = ", ".join(map(str, sorted(allowed)))
            raise invalid(
                f"{path}.type", "UNION_TYPE_CHOICES", f"Value of field type must be one of ({listed})."
            )
        self._kinds[found["type"]](path, found)

    def _row(self, path: str, row: Payload) -> None:
        held = typed(f"{path}.components", row.get("components"), list)
        sized(f"{path}.components", held, 1, 5)
        for number, each in enumerate(held):
            self.one(f"{path}.components.{number}", each, SELECTS | {BUTTON})
        if any(each["type"] in SELECTS for each in held) and len(held) > 1:
            raise invalid(
                f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The layout width is exceeded."
            )

    def _section(self, path: str, section: Payload) -> None:
        held = typed(f"{path}.components", section.get("components"), list)
        sized(f"{path}.components", held, 1, 3)
        for number, each in enumerate(held):
            self.one(f"{path}.components.{number}", each, {TEXT_DISPLAY})
        accessory = required(f"{path}.accessory", section.get("accessory"))
        self.one(f"{path}.accessory", accessory, {BUTTON, THUMBNAIL})

    def _thumbnail(self, path: str, thumbnail: Payload) -> None:
        self._media(f"{path}.media", thumbnail.get("media"))
        _described(path, thumbnail)

    def _gallery(self, path: str, gallery: Payload) -> None:
        items = typed(f"{path}.items", gallery.get("items"), list)
        sized(f"{path}.items", items, 1, 10)
        for number, each in enumerate(items):
            self._media(f"{path}.items.{number}.media", each.get("media"))
            _described(f"{path}.items.{number}", each)

    def _file(self, path: str, file: Payload) -> None:
        self._media(f"{path}.file", file.get("file"))
        if not file["file"]["url"].startswith(_REFERENCE):
            raise invalid(f"{path}.file.url", "URL_TYPE_INVALID_SCHEME", "Only attachment:// is supported.")

    def _separator(self, path: str, separator: Payload) -> None:
        one_of(f"{path}.spacing", separator.get("spacing", 1), {1, 2})

    def _container(self, path: str, container: Payload) -> None:
        held = typed(f"{path}.components", container.get("components"), list)
        sized(f"{path}.components", held, 1, COMPONENTS)
        for number, each in enumerate(held):
            self.one(f"{path}.components.{number}", each, _IN_CONTAINER)
        if container.get("accent_color") is not None:
            within(f"{path}.accent_color", container["accent_color"], 0, 0xFFFFFF)

    def _media(self, path: str, media: Any) -> None:
        url = text(f"{path}.url", required(f"{path}.url", typed(path, media, dict).get("url")), 1, 2048)
        if url.startswith(_REFERENCE):
            if url.removeprefix(_REFERENCE) not in self._attachments:
                message = "The attachment was not found among the message's files."
                raise invalid(f"{path}.url", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)
        elif not url.startswith(("http://", "https://")):
            raise invalid(
                f"{path}.url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of http, https, attachment."
            )


def check_button(path: str, button: Payload) -> None:
    """Check a button."""
    style = one_of(f"{path}.style", button.get("style"), {1, 2, 3, 4, LINK_BUTTON, PREMIUM_BUTTON})
    if style == LINK_BUTTON:
        text(f"{path}.url", required(f"{path}.url", button.get("url")), 1, 512)
    elif style != PREMIUM_BUTTON:
        check_custom_id(path, button)
    if (style == LINK_BUTTON and "custom_id" in button) or (style != LINK_BUTTON and button.get("url")):
        raise invalid(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "Not both custom id and url.")
    if button.get("label"):
        text(f"{path}.label", button["label"], 0, 80)
    elif not button.get("emoji") and style != PREMIUM_BUTTON:
        raise invalid(path, "BUTTON_COMPONENT_INVALID_EMPTY", "A button needs a label or an emoji.")


def check_select(path: str, select: Payload) -> None:
    """Check a select of any kind."""
    check_custom_id(path, select)
    text(f"{path}.placeholder", select.get("placeholder") or "", 0, 150)
    low = within(f"{path}.min_values", select.get("min_values", 1), 0, 25)
    high = within(f"{path}.max_values", select.get("max_values", 1), 1, 25)
    if low > high:
        raise invalid(f"{path}.min_values", "NUMBER_TYPE_MAX", f"Must be at most max_values ({high}).")
    if select["type"] == STRING_SELECT:
        check_options(path, select.get("options"), 1, 25)


def check_options(path: str, options: Any, low: int, high: int) -> None:
    """Check what a person may choose from."""
    found = typed(f"{path}.options", options, list)
    sized(f"{path}.options", found, low, high)
    for number, option in enumerate(found):
        place = f"{path}.options.{number}"
        text(f"{place}.label", required(f"{place}.label", option.get("label")), 1, 100)
        text(f"{place}.value", required(f"{place}.value", option.get("value")), 1, 100)
        text(f"{place}.description", option.get("description") or "", 0, 100)
    if len({option["value"] for option in found}) != len(found):
        raise invalid(
            f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Option values must be unique."
        )


def check_text_display(path: str, display: Payload) -> None:
    """Check a piece of text."""
    text(f"{path}.content", required(f"{path}.content", display.get("content")), 1, TEXT_TOTAL)


def check_custom_id(path: str, component: Payload) -> None:
    """Check the name by which the bot knows a component again."""
    text(f"{path}.custom_id", required(f"{path}.custom_id", component.get("custom_id")), 1, 100)


def _described(path: str, item: Payload) -> None:
    text(f"{path}.description", item.get("description") or "", 0, 1024)
