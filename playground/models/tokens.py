"""What a call is billed: computed from the payload, so the same payload costs the same."""

from __future__ import annotations

import json
from typing import Any

from playground.models.calls import ModelCall
from playground.models.sight import Sight
from playground.models.sound import Sound

CHARACTERS_PER_TOKEN = 4
PATCH_PIXELS = 32
PATCH_CAPS = {"low": 256, "high": 2_500}
"""Most patches of a picture under each `detail`; others have no cap."""
AUDIO_TOKENS_PER_SECOND = 10
DRAWN_TOKENS = {"low": 272, "medium": 1_056, "high": 4_160, "xhigh": 6_240, "max": 8_320}
"""Output tokens of a drawn picture of 1024x1024 pixels."""


def of_text(text: str) -> int:
    """Return the tokens of a text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def of_picture(sight: Sight) -> int:
    """Return the tokens of a picture that is read."""
    patches = -(-sight.width // PATCH_PIXELS) * -(-sight.height // PATCH_PIXELS)
    # In whole numbers: 1.2 patches, rounded up.
    return -(-min(patches, PATCH_CAPS.get(sight.detail, patches)) * 6 // 5)


def of_sound(sound: Sound) -> int:
    """Return the tokens of a recording."""
    return int(sound.seconds * AUDIO_TOKENS_PER_SECOND) + 1


def of_drawing(width: int, height: int, quality: str) -> int:
    """Return the output tokens of a drawn picture."""
    return DRAWN_TOKENS.get(quality, DRAWN_TOKENS["medium"]) * width * height // (1024 * 1024)


def of_prompt(call: ModelCall, schema: Any) -> int:
    """Return the input tokens of a language model's call."""
    words = sum(of_text(each.text) for each in call.said)
    form = of_text(json.dumps(schema)) if schema is not None else 0
    form += of_text(json.dumps(call.body["tools"])) if call.body.get("tools") else 0
    seen = sum(of_picture(each) for each in call.sights)
    return words + form + seen + sum(of_sound(each) for each in call.sounds)
