"""What the scripted server sees in a picture: facts that can be computed."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from playground.models import markers

_COLOURS = {
    "black": (20, 20, 20),
    "white": (240, 240, 240),
    "grey": (128, 128, 128),
    "red": (200, 40, 40),
    "orange": (230, 130, 40),
    "yellow": (230, 220, 60),
    "green": (50, 150, 60),
    "blue": (50, 80, 200),
    "purple": (130, 60, 160),
    "brown": (120, 80, 50),
    "pink": (240, 160, 190),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture as it arrived."""

    data: bytes
    format: str
    width: int
    height: int
    colours: tuple[str, ...]
    """The commonest first."""
    marker: int | None
    has_metadata: bool

    @property
    def digest(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def __str__(self) -> str:
        number = f", marker {self.marker}" if self.marker is not None else ""
        return f"{self.width}x{self.height} {self.format}, mostly {' and '.join(self.colours)}{number}"


def look(data_url: str) -> Sight:
    """Decode a data URL and look at it.

    Raises:
        ValueError: It is no data URL of a picture.
    """
    head, _, encoded = data_url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise ValueError("not a data URL of a picture")
    data = base64.b64decode(encoded, validate=True)
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            metadata = bool(image.getexif()) or bool(
                {"exif", "icc_profile", "comment", "xmp"} & image.info.keys()
            )
            return Sight(
                data,
                image.format or "?",
                image.width,
                image.height,
                _colours(image),
                markers.read(image),
                metadata,
            )
    except OSError as error:
        raise ValueError("not a picture") from error


def _colours(image: Image.Image) -> tuple[str, ...]:
    small = image.convert("RGB").resize((16, 16), Image.Resampling.BOX)
    counts: dict[str, int] = {}
    for pixel in small.get_flattened_data():
        assert isinstance(pixel, tuple)
        distances = {
            name: sum((a - b) ** 2 for a, b in zip(pixel, colour, strict=True))
            for name, colour in _COLOURS.items()
        }
        nearest = min(distances, key=distances.__getitem__)
        counts[nearest] = counts.get(nearest, 0) + 1
    return tuple(sorted(counts, key=counts.__getitem__, reverse=True)[:2])
