"""Commands as a bot registers them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from playground.discord.errors import DiscordError, invalid
from playground.discord.forms.checks import one_of, required, sized, text, typed
from playground.discord.state import Payload, snowflake
from playground.discord.state.kinds import MESSAGE_MENU, SLASH, SUBCOMMAND, SUBCOMMAND_GROUP, USER_MENU

LIMITS = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}
CHARACTERS = 8000
_NAME = re.compile(r"[-_'\w]{1,32}")
_DEFAULTS: Payload = {
    "type": SLASH,
    "description": "",
    "options": [],
    "nsfw": False,
    "default_member_permissions": None,
    "dm_permission": True,
    "contexts": None,
    "integration_types": [0],
    "name_localizations": None,
    "description_localizations": None,
}


def check_commands(commands: Any) -> list[Payload]:
    """Return a full list of commands, or refuse it."""
    found = [check_command(each, str(number)) for number, each in enumerate(typed("commands", commands, list))]
    for kind, count in Counter(each["type"] for each in found).items():
        if count > LIMITS[kind]:
            raise DiscordError(400, 30032)
    if len({(each["name"], each["type"]) for each in found}) != len(found):
        raise DiscordError(400, 40041)
    return found


def check_command(command: Any, path: str) -> Payload:
    """Return one command with what it does not say filled in, or refuse it."""
    held = _DEFAULTS | typed(path, command, dict)
    kind = one_of(f"{path}.type", held["type"], LIMITS)
    name = text(f"{path}.name", required(f"{path}.name", held.get("name")), 1, 32)
    if kind == SLASH:
        _check_slash_name(f"{path}.name", name)
        text(f"{path}.description", held["description"], 1, 100)
        _check_options(path, held["options"] or [])
        if _characters(held) > CHARACTERS:
            reason = f"Command exceeds maximum size ({CHARACTERS})"
            raise invalid(path, "APPLICATION_COMMAND_TOO_LARGE", reason)
    elif held["description"]:
        raise invalid(f"{path}.description", "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Menus have none.")
    return held


def registered(commands: Sequence[Payload], known: Sequence[Payload], app_id: int) -> list[Payload]:
    """Return checked commands as Discord keeps them; one that was there before keeps its id."""
    ids = {(each["name"], each["type"]): each["id"] for each in known}
    return [
        each
        | {
            "id": ids.get((each["name"], each["type"])) or str(snowflake()),
            "application_id": str(app_id),
            "version": str(snowflake()),
        }
        for each in commands
    ]


def _check_slash_name(path: str, name: str) -> None:
    if not _NAME.fullmatch(name) or name != name.lower():
        raise invalid(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(path: str, options: Any) -> None:
    found = typed(f"{path}.options", options, list)
    sized(f"{path}.options", found, 0, 25)
    optional_seen = False
    for number, option in enumerate(found):
        place = f"{path}.options.{number}"
        _check_slash_name(f"{place}.name", text(f"{place}.name", option.get("name"), 1, 32))
        text(f"{place}.description", required(f"{place}.description", option.get("description")), 1, 100)
        one_of(f"{place}.type", option.get("type"), range(1, 12))
        sized(f"{place}.choices", option.get("choices") or [], 0, 25)
        if option["type"] in {SUBCOMMAND, SUBCOMMAND_GROUP}:
            _check_options(place, option.get("options") or [])
        elif option.get("required") and optional_seen:
            reason = "Required options must be placed before non-required options"
            raise invalid(place, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", reason)
        else:
            optional_seen = not option.get("required")
    names = [option["name"] for option in found]
    if len(set(names)) != len(names):
        raise invalid(
            f"{path}.options", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option names are unique"
        )


def _characters(held: Mapping[str, Any]) -> int:
    texts = [held.get("name") or "", held.get("description") or ""]
    texts += [str(choice["name"]) + str(choice["value"]) for choice in held.get("choices") or []]
    return sum(map(len, texts)) + sum(_characters(each) for each in held.get("options") or [])
