"""Counts faces that look at the camera: Haar cascade of OpenCV 4."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from services.ai.offline.child.errors import MissingPartError
from services.ai.offline.child.pixels import Pixels, luma, shrunk

CASCADE = "haarcascade_frontalface_alt2.xml"
"""Of the cascades that OpenCV ships, the one with the fewest false finds."""
LONG_SIDE = 1024
SMALLEST_SHARE = 0.03
"""Of the longer side: smaller finds are mostly patterns."""


def find_faces(pixels: Pixels) -> list[list[int]]:
    """Return the box of each face: left, top, right, bottom, px.

    Raises:
        MissingPartError: OpenCV 4 is not installed.
    """
    detector, equalize = _detector()
    small = shrunk(pixels, LONG_SIDE)
    scale = max(pixels.shape[:2]) / max(small.shape[:2])
    least = max(24, round(SMALLEST_SHARE * max(small.shape[:2])))
    grey = equalize(luma(small).astype(np.uint8))
    found = detector.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=5, minSize=(least, least))
    return [
        [round(float(each) * scale) for each in (left, top, left + width, top + height)]
        for left, top, width, height in found
    ]


@cache
def _detector() -> tuple[Any, Any]:
    try:
        import cv2
    except ImportError as error:
        raise MissingPartError(str(error)) from None
    if not hasattr(cv2, "CascadeClassifier"):  # OpenCV 5 dropped it.
        raise MissingPartError("CascadeClassifier")
    cv2.setNumThreads(1)
    detector = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / CASCADE))
    if detector.empty():
        raise MissingPartError(CASCADE)
    return detector, cv2.equalizeHist
