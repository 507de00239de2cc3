"""Limits that Discord documents and enforces where its description is looser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

CONTENT_CHARACTERS = 2_000
EMBEDS_CHARACTERS = 6_000
TEXT_DISPLAYS_CHARACTERS = 4_000
COMPONENTS = 40
IS_COMPONENTS_V2 = 1 << 15
_TEXT_DISPLAY = 10


def exceeded_limits(body: Any) -> Iterator[str]:
    """Yield what is too much in a message, wherever in the body the message stands."""
    if not isinstance(body, dict):
        return
    # Interaction callbacks hold their message in `data`, forum posts in `message`.
    for key in ("data", "message"):
        yield from exceeded_limits(body.get(key))
    content = body.get("content")
    if isinstance(content, str) and len(content) > CONTENT_CHARACTERS:
        yield f"content has {len(content)} characters, more than {CONTENT_CHARACTERS}"
    embedded = sum(_embed_characters(each) for each in body.get("embeds") or ())
    if embedded > EMBEDS_CHARACTERS:
        yield f"embeds have {embedded} characters together, more than {EMBEDS_CHARACTERS}"
    yield from _components(body)


def _components(body: Mapping[str, Any]) -> Iterator[str]:
    components = list(_flat(body.get("components")))
    if len(components) > COMPONENTS:
        yield f"{len(components)} components, nested ones counted: more than {COMPONENTS}"
    shown = sum(len(each.get("content", "")) for each in components if each.get("type") == _TEXT_DISPLAY)
    if shown > TEXT_DISPLAYS_CHARACTERS:
        yield f"text displays have {shown} characters together, more than {TEXT_DISPLAYS_CHARACTERS}"
    if _is_v2(body) and (body.get("content") or body.get("embeds")):
        yield "content or embeds beside IS_COMPONENTS_V2"
    ids = [each["custom_id"] for each in components if each.get("custom_id")]
    for each in sorted({each for each in ids if ids.count(each) > 1}):
        yield f"custom_id {each} is there twice"


def _flat(components: Any) -> Iterator[Mapping[str, Any]]:
    for each in components or ():
        if isinstance(each, dict):
            yield each
            yield from _flat(each.get("components"))
            yield from _flat([each[key] for key in ("accessory", "component") if key in each])


def _is_v2(body: Mapping[str, Any]) -> bool:
    return bool((body.get("flags") or 0) & IS_COMPONENTS_V2)


def _embed_characters(embed: Mapping[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or ():
        texts += [field.get("name"), field.get("value")]
    return sum(len(each) for each in texts if each)
