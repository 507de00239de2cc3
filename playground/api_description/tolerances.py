"""What the clients send and the servers take although a description says otherwise, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# By operation; the numbers of list entries are left out.
TOLERATED_KEYS: Mapping[str, frozenset[str]] = {
    # discord.py sends it with every edit; Discord ignores it there.
    "PATCH /channels/{channel_id}/messages/{message_id}": frozenset({"tts"}),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original": frozenset({"tts"}),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": frozenset({"tts"}),
    # discord.py sends it, and Discord's own page on commands has it; the description does not.
    "PUT /applications/{application_id}/commands": frozenset({"nsfw"}),
    "PUT /applications/{application_id}/guilds/{guild_id}/commands": frozenset({"nsfw"}),
    # Newer than the description of August 2026: parameters of openai 3.54.
    "POST /responses": frozenset({"access_programs", "background_options", "image"}),
    "POST /images/generations": frozenset(
        {"complexity", "frame_count", "frame_duration_ms", "safety_identifier", "svg"}
    ),
    "POST /images/edits": frozenset(
        {"complexity", "frame_count", "frame_duration_ms", "markup", "safety_identifier", "svg"}
    ),
}


def tolerate(document: dict[str, Any]) -> None:
    """Widen schemas in place, before anything is compiled."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    # Snowflakes are strings in the description; discord.py sends integers, and Discord takes both.
    if "SnowflakeType" in schemas:
        schemas["SnowflakeType"] = {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}
    # The description knows replies (0) alone; forwards are references of type 1.
    if "MessageReferenceType" in schemas:
        schemas["MessageReferenceType"] = {"type": "integer", "enum": [0, 1]}
    # openai 3.54 knows service tiers and image qualities that the description of August does not.
    for name in ("ServiceTier", "ServiceTierEnum"):
        if name in schemas:
            schemas[name] = {"anyOf": [schemas[name], {"type": "string", "enum": ["scale", "ultrafast"]}]}
    for name in ("CreateImageRequest", "CreateImageEditRequest"):
        if name in schemas:
            quality: dict[str, Any] = schemas[name]["properties"]["quality"]
            schemas[name]["properties"]["quality"] = {
                "anyOf": [quality, {"type": "string", "enum": ["xhigh", "max"]}]
            }
