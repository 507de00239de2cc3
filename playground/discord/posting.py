"""Messages as bots post and edit them: the rules of Discord's forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playground.discord.errors import DiscordError, invalid
from playground.discord.state import (
    IS_COMPONENTS_V2,
    REPLY,
    File,
    Message,
    Payload,
    StoredAttachment,
    User,
    snowflake,
    walk,
)
from playground.discord.world import World

CONTENT_LIMIT = 2000
TEXT_LIMIT = 4000
COMPONENT_LIMIT = 40
EMBEDS_LIMIT = 6000
FILES_LIMIT = 10
UPLOAD_BYTES = 10 * 1024 * 1024
ALT_LIMIT = 1024
_BUTTON, _SELECTS, _TEXT_DISPLAY = 2, frozenset({3, 5, 6, 7, 8}), 10
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")


def new_message(
    world: World, channel_id: int, body: Mapping[str, Any], files: Mapping[int, File], *, kind: int = 0
) -> Message:
    """Build the bot's message from a form, or refuse the form."""
    if len(files) > FILES_LIMIT:
        raise invalid("files", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    message = Message(snowflake(), channel_id, world.app, type=kind)
    message.flags = int(body.get("flags") or 0) & (IS_COMPONENTS_V2 | 4 | 1 << 12)
    message.attachments = _uploads(channel_id, body, files)
    if body.get("nonce") is not None:
        message.nonce = str(body["nonce"])
        if len(message.nonce) > 25:
            raise invalid("nonce", "NONCE_TYPE_TOO_LONG", "Nonce must be 25 or fewer in length.")
    reference = body.get("message_reference")
    if reference:
        message.reference, message.type = _reference(world, channel_id, reference)
    _apply(message, body)
    if not (message.content or message.components or message.attachments or message.embeds):
        raise DiscordError(400, 50006)
    message.pinged = _pings(world, message, body, world.app)
    return message


def edit_message(world: World, message: Message, body: Mapping[str, Any], files: Mapping[int, File]) -> None:
    """Apply an edit, or refuse it."""
    if "flags" in body and body["flags"] is not None:
        wanted = int(body["flags"])
        if message.flags & IS_COMPONENTS_V2 and not wanted & IS_COMPONENTS_V2:
            raise invalid("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The flag cannot be removed.")
        message.flags |= wanted & IS_COMPONENTS_V2
    if "attachments" in body or files:
        kept = {int(each["id"]): each for each in body.get("attachments") or () if int(each["id"]) not in files}
        message.attachments = [each for each in message.attachments if each.id in kept]
        for attachment in message.attachments:
            attachment.alt = kept[attachment.id].get("description", attachment.alt)
        message.attachments += _uploads(message.channel_id, body, files)
    _apply(message, body)
    message.pinged |= _pings(world, message, body, world.app)


def _apply(message: Message, body: Mapping[str, Any]) -> None:
    if body.get("content") is not None:
        message.content = str(body["content"])
    if body.get("embeds") is not None:
        message.embeds = list(body["embeds"])
    if body.get("components") is not None:
        message.components = _numbered(body["components"])
    if len(message.content) > CONTENT_LIMIT:
        raise invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    if sum(_embed_length(each) for each in message.embeds) > EMBEDS_LIMIT:
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
    _check_components(message)


def _check_components(message: Message) -> None:
    every = walk(message.components)
    if message.flags & IS_COMPONENTS_V2:
        if message.content or message.embeds:
            raise invalid("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with V2.")
        if sum(len(each["content"]) for each in every if each["type"] == _TEXT_DISPLAY) > TEXT_LIMIT:
            raise invalid("components", "COMPONENT_MAX_TOTAL_TEXT_SIZE", "At most 4000 characters of text.")
    elif any(each["type"] not in {1, _BUTTON} | _SELECTS for each in message.components):
        raise invalid("components", "UNION_TYPE_CHOICES", "Needs the components V2 flag.")
    if len(every) > COMPONENT_LIMIT:
        raise invalid("components", "COMPONENT_MAX_TOTAL", "At most 40 components.")
    ids = [each["custom_id"] for each in every if "custom_id" in each]
    if any(not 1 <= len(each) <= 100 for each in ids):
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "custom_id must be 1 to 100 long.")
    if len(set(ids)) != len(ids):
        raise invalid("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "custom_id is not unique.")
    if any(len(each.get("label") or "") > 80 for each in every if each["type"] == _BUTTON):
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", "label must be 80 or fewer in length.")
    if any(each["type"] == _TEXT_DISPLAY and not each["content"] for each in every):
        raise invalid("components", "BASE_TYPE_MIN_LENGTH", "content must be 1 or more in length.")


def _numbered(components: list[Payload]) -> list[Payload]:
    """Return the components as Discord stores them: each with an id."""
    used = {each["id"] for each in walk(components) if each.get("id")}
    free = (number for number in range(1, 10_000) if number not in used)

    def number(component: Payload) -> Payload:
        stored = {"id": component.get("id") or next(free), **{k: v for k, v in component.items() if k != "id"}}
        if "components" in component:
            stored["components"] = [number(each) for each in component["components"]]
        return stored

    return [number(each) for each in components]


def _uploads(channel_id: int, body: Mapping[str, Any], files: Mapping[int, File]) -> list[StoredAttachment]:
    described = {int(each["id"]): each for each in body.get("attachments") or ()}
    if sum(len(each.data) for each in files.values()) > UPLOAD_BYTES:
        raise DiscordError(413, 40005)
    stored: list[StoredAttachment] = []
    for index, file in sorted(files.items()):
        meta = described.get(index, {})
        alt = meta.get("description")
        if alt and len(alt) > ALT_LIMIT:
            raise invalid("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 1024 or fewer in length.")
        name = meta.get("filename") or file.name
        spoiler = name.startswith("SPOILER_") or bool(meta.get("is_spoiler"))
        stored.append(
            StoredAttachment(snowflake(), channel_id, File(name, file.data, spoiler=spoiler), alt=alt)
        )
    return stored


def _reference(world: World, channel_id: int, reference: Mapping[str, Any]) -> tuple[Payload | None, int]:
    target_id = int(reference["message_id"])
    target = world.channel(channel_id).messages.get(target_id)
    if target is None:
        if reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None, 0
    return {"type": 0, "message_id": str(target_id), "channel_id": str(channel_id)}, REPLY


def _pings(world: World, message: Message, body: Mapping[str, Any], author: User) -> set[str]:
    """Return whom a message notifies; without `allowed_mentions` the defaults parse everything."""
    allowed = body.get("allowed_mentions")
    text = message.text
    users, roles = set(_USER.findall(text)), set(_ROLE.findall(text))
    if allowed is None:
        everyone = {"everyone"} if re.search(r"@(everyone|here)", text) else set[str]()
        pinged = users | roles | everyone
    else:
        parse = {str(each) for each in allowed.get("parse") or ()}
        pinged = users if "users" in parse else users & set(map(str, allowed.get("users") or ()))
        pinged |= roles if "roles" in parse else roles & set(map(str, allowed.get("roles") or ()))
        if "everyone" in parse and re.search(r"@(everyone|here)", text):
            pinged.add("everyone")
    if message.reference is not None and (allowed is None or allowed.get("replied_user")):
        target = world.channel(message.channel_id).messages.get(int(message.reference["message_id"]))
        if target is not None:
            pinged.add(str(target.author.id))
    return pinged - {str(author.id)}


def _embed_length(embed: Payload) -> int:
    fields = embed.get("fields") or ()
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [(embed.get("author") or {}).get("name")]
    texts += [part for each in fields for part in (each.get("name"), each.get("value"))]
    return sum(len(each) for each in texts if each)
