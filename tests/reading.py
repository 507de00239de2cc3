"""Eyes for the scripted model server: it reads writing in pictures as a real vision model does, offline."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from rapidocr import RapidOCR

LEAST_SCORE = 0.8
_lock = threading.Lock()
_seen: dict[str, list[str]] = {}


def read(picture: Image.Image) -> list[str]:
    """Return the lines that are written in a picture, top down. The same picture is read once a process."""
    digest = hashlib.sha256(picture.tobytes() + str(picture.size).encode()).hexdigest()
    # One at a time: the same picture must not be read twice.
    with _lock:
        if digest not in _seen:
            _seen[digest] = _read(picture)
        return list(_seen[digest])


def _read(picture: Image.Image) -> list[str]:
    # The engine wants blue first.
    found = _engine()(np.asarray(picture.convert("RGB"))[:, :, ::-1])
    texts, scores = found.txts or (), found.scores or ()  # pyright: ignore[reportAttributeAccessIssue]
    # A single sign is more often a spot than a letter.
    return [
        str(text) for text, score in zip(texts, scores, strict=True) if score >= LEAST_SCORE and len(text) > 1
    ]


@cache
def _engine() -> RapidOCR:
    # Only now: the import takes seconds, and every process that runs tests imports all of their modules.
    from rapidocr import RapidOCR

    # Several tests run at once: threads that wait for each other would only burn processor time.
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **threads})
