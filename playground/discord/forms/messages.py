"""Messages as bots post and edit them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playground.discord.errors import DiscordError, MissingFeatureError, invalid
from playground.discord.forms.checks import snowflake_of, text, typed
from playground.discord.forms.components import check_components
from playground.discord.forms.embeds import check_embeds
from playground.discord.forms.mentions import EVERYTHING, check_allowed_mentions, pings
from playground.discord.forms.uploads import kept, uploads
from playground.discord.permissions import Permission
from playground.discord.state import (
    IS_COMPONENTS_V2,
    IS_VOICE,
    Channel,
    File,
    Message,
    Payload,
    snowflake,
    timestamp,
)
from playground.discord.state.kinds import (
    DEFAULT_MESSAGE,
    EPHEMERAL,
    FORWARD_REFERENCE,
    HAS_SNAPSHOT,
    LOADING,
    REPLY,
    REPLY_REFERENCE,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    SYSTEM_MESSAGES,
)
from playground.discord.world import World

CONTENT = 2000
NONCE = 25
_SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2 | IS_VOICE
_NOT_IN_THE_LOCAL_DISCORD = ("poll", "sticker_ids", "shared_client_theme")


@dataclass(slots=True)
class Form:
    """What a request says about a message."""

    body: Mapping[str, Any]
    files: Mapping[int, File] = field(default_factory=dict[int, File])

    def __post_init__(self) -> None:
        for name in _NOT_IN_THE_LOCAL_DISCORD:
            if self.body.get(name):
                raise MissingFeatureError(f"messages with {name}")

    @property
    def flags(self) -> int:
        """The flags that it asks for."""
        return typed("flags", self.body.get("flags") or 0, int)


def new_message(
    world: World,
    channel: Channel,
    form: Form,
    *,
    kind: int = DEFAULT_MESSAGE,
    reader_id: int | None = None,
    default_mentions: frozenset[str] = EVERYTHING,
) -> Message:
    """Build the bot's message from a form, or refuse the form. It is not posted yet.

    Args:
        world: Where it will be.
        channel: In which channel or thread.
        form: What was sent.
        kind: The type of the message.
        reader_id: An ephemeral message's only reader.
        default_mentions: What notifies people unless the form says otherwise.
    """
    body = form.body
    message = Message(snowflake(), channel.id, world.app, type=kind, visible_to=reader_id)
    message.flags = form.flags & _SETTABLE | (EPHEMERAL if reader_id is not None else 0)
    message.attachments = uploads(
        channel.id, body, form.files, world.upload_bytes(channel), ephemeral=reader_id is not None
    )
    if body.get("nonce") is not None:
        message.nonce = _nonce(body["nonce"])
    if body.get("message_reference"):
        _refer(world, message, typed("message_reference", body["message_reference"], dict))
    if message.flags & IS_VOICE:
        _check_voice(message, body)
    _apply(message, body)
    if message.forwarded is None:
        _refuse_empty(message)
    message.pinged = pings(
        world, message, check_allowed_mentions(body.get("allowed_mentions")), default=default_mentions
    )
    return message


def edit_message(
    world: World, message: Message, form: Form, *, default_mentions: frozenset[str] = EVERYTHING
) -> None:
    """Apply an edit and tell of it, or refuse it and change nothing."""
    body, edited = form.body, replace(message)
    if message.flags & IS_VOICE:
        raise DiscordError(400, 50162)
    if body.get("flags") is not None:
        edited.flags = _edited_flags(message.flags, form.flags)
    if body.get("attachments") is not None or form.files:
        limit = world.upload_bytes(world.channel(message.channel_id))
        ephemeral = message.visible_to is not None
        edited.attachments = kept(message, body) + uploads(
            message.channel_id, body, form.files, limit, ephemeral=ephemeral
        )
    _apply(edited, body)
    _refuse_empty(edited)
    allowed = check_allowed_mentions(body.get("allowed_mentions"))
    message.pinged |= pings(world, edited, allowed, default=default_mentions)
    was_loading = message.flags & LOADING
    message.flags = edited.flags & ~LOADING
    message.content, message.embeds = edited.content, edited.embeds
    message.components, message.attachments = edited.components, edited.attachments
    message.edited = message.edited if was_loading else timestamp()
    world.update(message)


def _edited_flags(held: int, wanted: int) -> int:
    if held & IS_COMPONENTS_V2 and not wanted & IS_COMPONENTS_V2:
        raise invalid("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "This flag cannot be removed.")
    settable = SUPPRESS_EMBEDS | IS_COMPONENTS_V2
    return held & ~settable | wanted & settable


def _apply(message: Message, body: Mapping[str, Any]) -> None:
    """Take text, embeds and components over; what is null is emptied, what is absent stays."""
    v2 = bool(message.flags & IS_COMPONENTS_V2)
    if "content" in body:
        message.content = text("content", body["content"] or "", 0, CONTENT)
    if "embeds" in body:
        message.embeds = check_embeds(body["embeds"] or [])
    if "components" in body:
        names = {each.filename for each in message.attachments}
        message.components = check_components(body["components"] or [], v2=v2, attachments=names)
    if v2 and (message.content or message.embeds):
        name = "content" if message.content else "embeds"
        reason = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        raise invalid(name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", reason)


def _refuse_empty(message: Message) -> None:
    attached = message.attachments and not message.flags & IS_COMPONENTS_V2
    if not (message.content.strip() or message.components or message.embeds or attached):
        raise DiscordError(400, 50006)


def _nonce(value: Any) -> str | int:
    if isinstance(value, int):
        return value
    if len(typed("nonce", value, str)) > NONCE:
        raise invalid("nonce", "NONCE_TYPE_TOO_LONG", "Nonce must be 25 or fewer in length.")
    return value


def _refer(world: World, message: Message, reference: Payload) -> None:
    """Make a message a reply or a forward."""
    target_id = snowflake_of("message_reference.message_id", reference.get("message_id"))
    channel_id = snowflake_of("message_reference.channel_id", reference.get("channel_id") or message.channel_id)
    is_forward = reference.get("type", REPLY_REFERENCE) == FORWARD_REFERENCE
    source = world.channels.get(channel_id)
    target = source.messages.get(target_id) if source else None
    if source is None or target is None or (not is_forward and channel_id != message.channel_id):
        if is_forward or reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        return
    if target.type in SYSTEM_MESSAGES:
        reason = "Cannot reply to a system message"
        raise invalid("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", reason)
    may_read = Permission.READ_MESSAGE_HISTORY in world.permissions(world.app, source)
    if is_forward and not (may_read and (world.message_content or world.payloads.is_readable(target))):
        raise DiscordError(403, 160014)
    if not may_read:
        raise DiscordError(403, 160002)
    message.reference = reference_to(
        target, source.guild_id, FORWARD_REFERENCE if is_forward else REPLY_REFERENCE
    )
    if is_forward:
        forward(message, target)
    elif message.type == DEFAULT_MESSAGE:
        message.type = REPLY


def reference_to(target: Message, guild_id: int | None, kind: int = REPLY_REFERENCE) -> Payload:
    """Return what points at a message."""
    reference: Payload = {"type": kind, "message_id": str(target.id), "channel_id": str(target.channel_id)}
    return reference if guild_id is None else reference | {"guild_id": str(guild_id)}


def forward(message: Message, target: Message) -> None:
    """Make a message hold another one as it is now."""
    message.forwarded = replace(target.forwarded or target, attachments=list(target.attachments))
    message.flags |= HAS_SNAPSHOT


def _check_voice(message: Message, body: Mapping[str, Any]) -> None:
    if body.get("content") or body.get("embeds") or body.get("components"):
        raise DiscordError(400, 50159)
    [*held] = message.attachments
    if len(held) != 1 or not (held[0].content_type or "").startswith("audio/"):
        raise DiscordError(400, 50160)
    if held[0].file.duration_secs is None or not held[0].file.waveform:
        raise DiscordError(400, 50161)
