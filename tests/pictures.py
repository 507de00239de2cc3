"""Pictures for tests: real photographs, marked so that a model server can say which one it saw."""

from __future__ import annotations

import io
from typing import Any

import skimage.data
from PIL import Image

from playground.models import markers


def photo(name: str = "astronaut", *, marker: int | None = None) -> Image.Image:
    """Return a photograph that ships with scikit-image."""
    image = Image.fromarray(getattr(skimage.data, name)()).convert("RGB")
    return image if marker is None else markers.stamp(image, marker)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
