"""Embeds: their shape and their limits."""

from __future__ import annotations

from typing import Any

from playground.discord.errors import invalid
from playground.discord.forms.checks import required, sized, text, typed
from playground.discord.state import Payload

EMBEDS = 10
TOTAL = 6000
_TEXTS = {"title": 256, "description": 4096}


def check_embeds(embeds: Any) -> list[Payload]:
    """Return the embeds of a message, or refuse them."""
    found = typed("embeds", embeds, list)
    sized("embeds", found, 0, EMBEDS)
    total = sum(
        _check(f"embeds.{number}", typed(f"embeds.{number}", each, dict)) for number, each in enumerate(found)
    )
    if total > TOTAL:
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {TOTAL}")
    return [{"type": "rich"} | each for each in found]


def _check(path: str, embed: Payload) -> int:
    """Check one embed; return how much text it holds."""
    total = 0
    for name, limit in _TEXTS.items():
        if embed.get(name):
            total += len(text(f"{path}.{name}", embed[name], 0, limit))
    for name, part, limit in (("footer", "text", 2048), ("author", "name", 256)):
        if held := embed.get(name):
            total += len(
                text(f"{path}.{name}.{part}", required(f"{path}.{name}.{part}", held.get(part)), 1, limit)
            )
    fields = embed.get("fields") or []
    sized(f"{path}.fields", fields, 0, 25)
    for number, each in enumerate(fields):
        for part, limit in (("name", 256), ("value", 1024)):
            place = f"{path}.fields.{number}.{part}"
            total += len(text(place, required(place, each.get(part)), 1, limit))
    return total
