"""Files to try the bot with, made by code: the same each time, and nobody else's pictures."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import PIL

from playground.models.scenes import Scene, Thing, render
from playground.samples import moving, pages, speech
from playground.samples.scene import scene_jpeg

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "samples"
SHAPES = Scene(
    "blue",
    (
        Thing("circle", "yellow", "medium", 0.8, 0.16),
        Thing("triangle", "red", "large", 0.5, 0.44),
        Thing("rectangle", "orange", "large", 0.5, 0.72),
        Thing("star", "white", "medium", 0.2, 0.16),
        Thing("square", "green", "medium", 0.2, 0.72),
    ),
    words="TIDE",
)
"""All that the scripted models can draw, see and compare is in it: the only sample that they can refine."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to try things with.

    Attributes:
        name: Of the file.
        title: What it shows, in a few words.
        mime: Its type.
        make: Makes its bytes; takes up to some seconds of CPU.
        cache: Where they are kept.
    """

    name: str
    title: str
    mime: str
    make: Callable[[], bytes]
    cache: Path = CACHE

    @property
    def shows(self) -> str:
        """The title, as the page calls it."""
        return self.title

    @property
    def data(self) -> bytes:
        """The bytes: made once, then kept in a cache folder."""
        kept = self.cache / f"{_edition()}-{self.name}"
        if kept.is_file():
            return kept.read_bytes()
        made = self.make()
        with contextlib.suppress(OSError):  # a folder that cannot be written to only costs time
            _keep(kept, made)
        return made


def samples() -> list[Sample]:
    """Return what can be made here; the voice note is left out where nothing speaks."""
    titles = {
        "two-islands.jpg": ("Photo: dusk at the lighthouse", "image/jpeg"),
        "slide.png": ("Slide with bullets and a chart", "image/png"),
        "receipt.jpg": ("Photo of a receipt", "image/jpeg"),
        "shapes.png": ("Shapes: a picture to refine", "image/png"),
        "sailing.gif": ("Animation: a boat sails by", "image/gif"),
        "harbour-office.ogg": ("Voice note: somebody speaks", "audio/ogg"),
        "two-islands.mp4": ("Video: a walk across the sand", "video/mp4"),
    }
    if not speech.is_available():
        del titles["harbour-office.ogg"]
    return [Sample(name, *about, partial(_made_apart, name)) for name, about in titles.items()]


def make(name: str) -> bytes:
    """Make a sample here and now; takes up to some seconds of CPU."""
    makers: dict[str, Callable[[], bytes]] = {
        "two-islands.jpg": scene_jpeg,
        "slide.png": _slide,
        "receipt.jpg": _receipt,
        "shapes.png": _shapes,
        "sailing.gif": moving.animation,
        "harbour-office.ogg": moving.voice_note,
        "two-islands.mp4": moving.film,
    }
    return makers[name]()


def _made_apart(name: str) -> bytes:
    """Make a sample in a process of its own: here it would hold up the gateway that the bot hangs on."""
    command = [sys.executable, "-m", "playground.samples", name]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 - our own


def _slide() -> bytes:
    return pages.as_bytes(pages.slide(), "PNG", optimize=1)


def _receipt() -> bytes:
    return pages.as_bytes(pages.receipt(), "JPEG", quality=88)


def _shapes() -> bytes:
    return pages.as_bytes(render(SHAPES, (900, 600)), "PNG", optimize=1)


@cache
def _edition() -> str:
    """Return a name for what the code makes and speaks: other code makes other files."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    made_with = f"{PIL.__version__} {np.__version__} {speech.is_available()}"
    said = b"".join(each.read_bytes() for each in sources) + made_with.encode()
    return hashlib.sha256(said).hexdigest()[:12]


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)
