"""What the scripted server sees in a picture: facts that can be computed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import math
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image

from playground.models import colours, markers
from playground.models.abilities import Reader
from playground.models.errors import ApiError
from playground.models.material import time_in
from playground.models.scenes import Scene, recognise

READABLE = frozenset({"PNG", "JPEG", "WEBP", "GIF"})
"""Formats that the real API reads."""
LOW_SIDE = 512
"""Longest side that a model sees of a picture under low detail."""
HIGH_PIXELS = 2_500 * 32 * 32
"""Most pixels that a model sees under high detail."""
MAX_CAPTION = 200
MAX_URL_CHARACTERS = 20_971_520
_METADATA = frozenset({"exif", "icc_profile", "comment", "xmp", "XML:com.adobe.xmp"})


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture as it arrived."""

    data: bytes
    format: str
    width: int
    height: int
    colours: tuple[str, ...]
    """The commonest first."""
    mark: markers.Mark | None
    metadata: tuple[str, ...]
    """Names of what it carries besides pixels: `exif`, `icc_profile`, text chunks, ..."""
    detail: str = ""
    """As asked for; empty when the request does not say."""
    caption: str = ""
    """The line that introduces it in the prompt, without its colon."""
    lines: tuple[str, ...] = ()
    """What is written in it as far as its detail lets it be read, where the server was given eyes for it."""

    @property
    def digest(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def marker(self) -> int | None:
        """The number in it, if it is there and upright."""
        return self.mark.number if self.mark is not None and self.mark.turned == 0 else None

    @property
    def scene(self) -> Scene | None:
        """The scene that it shows, if it is a drawing of one."""
        return _scene_in(self.data)

    @property
    def written(self) -> list[str]:
        """What is written in it, markers first."""
        mark = [] if self.marker is None else [f"MARKER {self.marker}"]
        sign = self.scene.words if self.scene is not None else ""
        return [*mark, *self.lines, *([sign] if sign and sign not in self.lines else [])]

    @property
    def time(self) -> float | None:
        """The time in its caption, in seconds."""
        return time_in(self.caption)

    @property
    def has_metadata(self) -> bool:
        """Whether it carries anything besides pixels."""
        return bool(self.metadata)

    def __str__(self) -> str:
        facts = [f"{self.width}x{self.height} {self.format}", f"mostly {' and '.join(self.colours)}"]
        if self.marker is not None:
            facts.append(f"marker {self.marker}")
        elif self.mark is not None:
            facts.append(f"turned by {self.mark.turned} degrees")
        if self.metadata:
            facts.append(f"with metadata ({', '.join(self.metadata)})")
        if self.lines:
            facts.append(f'written: "{" / ".join(self.lines)}"')
        return ", ".join(facts)


def introduction(text: str) -> str:
    """Return the caption in a text before a picture: its only line, or a last one that ends with a colon."""
    *before, line = text.strip().split("\n")
    if len(line) > MAX_CAPTION or line.endswith("?") or (before and not line.endswith(":")):
        return ""
    return line.rstrip(":").strip()


def look_at_url(url: object, detail: object = "", *, caption: str = "", reading: Reader | None = None) -> Sight:
    """Decode a data URL and look at it.

    Args:
        url: With the picture in it.
        detail: As asked for.
        caption: What introduces it.
        reading: Reads what is written in it; None reads markers alone.

    Raises:
        ApiError: As the real API answers what it cannot read.
    """
    if not isinstance(url, str):
        raise ApiError(400, "invalid_type", "Expected a string with the URL of a picture")
    if len(url) > MAX_URL_CHARACTERS:
        raise ApiError(400, "string_above_max_length", "The picture's URL is too long")
    head, _, encoded = url.partition(",")
    if not head.startswith("data:"):
        raise ApiError(400, "invalid_image_url", "This server fetches nothing: send a data URL")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise ApiError(400, "invalid_image_url", "Expected a base64-encoded data URL of a picture")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ApiError(400, "invalid_base64", "The picture is not base64") from None
    sight = look(data, detail if isinstance(detail, str) else "", reading)
    return replace(sight, caption=introduction(caption))


def look(data: bytes, detail: str = "", reading: Reader | None = None) -> Sight:
    """Decode a picture and look at it.

    Raises:
        ApiError: It is none, it is broken, or it has a format that the real API does not read.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.format not in READABLE:
                raise ApiError(400, "invalid_image_format", f"{image.format} pictures are not supported")
            image.load()
            names = _METADATA & image.info.keys()
            texts = getattr(image, "text", {})
            metadata = {*names, *(["exif"] if image.getexif() else []), *(f"text:{key}" for key in texts)}
            lines = tuple(reading(as_seen(image.convert("RGB"), detail))) if reading is not None else ()
            return Sight(
                data,
                image.format,
                image.width,
                image.height,
                colours.commonest(image),
                markers.find(image),
                tuple(sorted(metadata)),
                detail,
                lines=lines,
            )
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        message = "The image data you provided does not represent a valid image"
        raise ApiError(400, "image_parse_error", message) from error


@lru_cache(64)
def _scene_in(data: bytes) -> Scene | None:
    with Image.open(io.BytesIO(data)) as image:
        return recognise(image)


def as_seen(image: Image.Image, detail: str) -> Image.Image:
    """Return a picture in the size in which a model sees it under a detail."""
    width, height = image.size
    if detail == "low":
        scale = LOW_SIDE / max(width, height)
    elif detail == "high":
        scale = math.sqrt(HIGH_PIXELS / (width * height))
    else:
        scale = 1.0
    if scale >= 1:
        return image
    return image.resize((max(round(width * scale), 1), max(round(height * scale), 1)), Image.Resampling.LANCZOS)
