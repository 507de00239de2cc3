"""Images: `POST /v1/images/generations` (JSON) and `POST /v1/images/edits` (a form)."""

from __future__ import annotations

import base64
import io
import re
import time
from typing import Any

from PIL import Image

from playground.models import drawing, tokens
from playground.models.calls import ModelCall, Said
from playground.models.errors import ApiError
from playground.models.moderation_api import flagged_words
from playground.models.replies import Reply, as_json
from playground.models.sight import look

MAX_PICTURES = 16
MAX_PROMPT = 32_000
MAX_DRAWN = 10
DEFAULT_SIZE = (1024, 1024)
LONGEST_SIDE, SHORTEST_SIDE = 3840, 2160
FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}
SIZE_STEP = 16
"""Both sides of a size are multiples of it."""


def read(call: ModelCall) -> None:
    """Take a request for a new picture apart.

    Raises:
        ApiError: As the real API answers it.
    """
    prompt = call.body.get("prompt")
    if not isinstance(prompt, str) or not 0 < len(prompt) <= MAX_PROMPT:
        raise ApiError(400, "invalid_value", "Expected a prompt of at most 32000 characters", param="prompt")
    call.said.append(Said("user", prompt))
    if call.body.get("stream") in {True, "true"}:
        raise ApiError(501, "not_implemented", "The scripted model server streams no pictures")
    if not 1 <= int(call.body.get("n", 1)) <= MAX_DRAWN:
        raise ApiError(400, "invalid_value", "n must be between 1 and 10", param="n")
    if call.body.get("output_format", "png") not in FORMATS:
        raise ApiError(501, "not_implemented", "The scripted model server knows png, jpeg and webp")
    _size(call)
    if categories := sorted(flagged_words(prompt)):
        message = "Your request was rejected by the safety system."
        raise ApiError(400, "moderation_blocked", f"{message} safety_violations=[{', '.join(categories)}]")


def read_edit(call: ModelCall) -> None:
    """Take a request for a changed picture apart: its pictures first, then its mask.

    Raises:
        ApiError: As the real API answers it.
    """
    read(call)
    pictures = [each for each in call.uploads if each.field in {"image", "image[]"}]
    if not 1 <= len(pictures) <= MAX_PICTURES:
        raise ApiError(400, "invalid_value", "Expected 1 to 16 pictures", param="image")
    call.sights += [look(each.data) for each in pictures]
    masks = [look(each.data) for each in call.uploads if each.field == "mask"]
    for mask in masks:
        first = call.sights[0]
        if mask.format != "PNG" or (mask.width, mask.height) != (first.width, first.height):
            message = "The mask must be a PNG of the size of the first picture"
            raise ApiError(400, "invalid_mask_image_format", message, param="mask")
    call.sights += masks


def answer(call: ModelCall) -> Reply:
    """Draw a new picture."""
    able = call.abilities
    size = _size(call) or DEFAULT_SIZE
    return _answer(call, drawing.draw(call.prompt, size, able.drawer, able.seed + call.number))


def answer_edit(call: ModelCall) -> Reply:
    """Draw over the first picture, where the mask is transparent."""
    masked = any(each.field == "mask" for each in call.uploads)
    base = _opened(call.sights[0].data)
    mask = _opened(call.sights[-1].data) if masked else None
    size = _size(call) or DEFAULT_SIZE
    able = call.abilities
    drawn = drawing.draw_over(base, call.prompt, mask, able.drawer, able.seed + call.number)
    return _answer(call, drawn.resize(size))


def _answer(call: ModelCall, image: Image.Image) -> Reply:
    form = str(call.body.get("output_format", "png"))
    quality = str(call.body.get("quality", "auto")).replace("auto", "medium")
    buffer = io.BytesIO()
    image.save(buffer, FORMATS[form])
    count = int(call.body.get("n", 1))
    encoded = base64.b64encode(buffer.getvalue()).decode()
    words = tokens.of_text(call.text)
    seen = sum(tokens.of_picture(each) for each in call.sights)
    drawn = count * tokens.of_drawing(image.width, image.height, quality)
    call.tokens = (words + seen, drawn)
    usage: dict[str, Any] = {
        "input_tokens": words + seen,
        "input_tokens_details": {"image_tokens": seen, "text_tokens": words},
        "output_tokens": drawn,
        "output_tokens_details": {"image_tokens": drawn, "text_tokens": 0},
        "total_tokens": words + seen + drawn,
    }
    return as_json(
        {
            "created": int(time.time()),
            "background": "opaque",
            "data": [{"b64_json": encoded}] * count,
            "output_format": form,
            "quality": quality,
            "size": f"{image.width}x{image.height}",
            "usage": usage,
        }
    )


def _opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image.copy()


def _size(call: ModelCall) -> tuple[int, int] | None:
    """Return the size that is asked for; None for the model's choice."""
    wanted = str(call.body.get("size", "auto"))
    if wanted == "auto":
        return None
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", wanted)
    width, height = (int(found[1]), int(found[2])) if found else (0, 1)
    fits = max(width, height) <= LONGEST_SIDE and min(width, height) <= SHORTEST_SIDE
    if not fits or width % SIZE_STEP or height % SIZE_STEP or not 1 / 3 <= width / height <= 3:
        raise ApiError(400, "invalid_value", f"Invalid size '{wanted}'", param="size")
    return width, height
