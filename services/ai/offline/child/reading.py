"""Text in pictures: PP-OCRv6 small by rapidocr."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from services.ai.offline.child import weights
from services.ai.offline.child.errors import MissingPartError
from services.ai.offline.child.pixels import Pixels

DIGESTS = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx": "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
}
SURE_FROM = 0.8
"""Below this score, lines are mostly garbled."""
LEAST_CHARACTERS = 2
"""Single characters are mostly round or straight things in photos."""
SMALLEST_SIDE = 12
"""px; no letter fits into less."""


def read_lines(pixels: Pixels) -> list[dict[str, Any]]:
    """Return what is written, line by line from top to bottom and left to right.

    Returns:
        Each with its `text`, `score` (0 to 1) and `box` (left, top, right, bottom, px).

    Raises:
        MissingPartError: The reader is not installed.
    """
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        return []
    result = _reader()(np.ascontiguousarray(pixels[:, :, ::-1]))
    if result.txts is None:
        return []
    lines: list[dict[str, Any]] = []
    for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        if score < SURE_FROM or len(text.strip()) < LEAST_CHARACTERS:
            continue
        left, top = (round(float(each)) for each in corners.min(axis=0))
        right, bottom = (round(float(each)) for each in corners.max(axis=0))
        lines.append({"text": text.strip(), "score": min(float(score), 1.0), "box": [left, top, right, bottom]})
    return in_reading_order(lines)


def in_reading_order(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort lines by rows, and within a row from left to right.

    Boxes whose heights overlap by half belong to one row, so that a slightly slanted table row is not torn.
    """
    rows: list[list[dict[str, Any]]] = []
    for line in sorted(lines, key=lambda each: each["box"][1] + each["box"][3]):
        if rows and _overlaps_half(rows[-1][0]["box"], line["box"]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda each: each["box"][0])]


def _overlaps_half(one: Sequence[int], other: Sequence[int]) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return 2 * shared > min(one[3] - one[1], other[3] - other[1])


@cache
def _reader() -> Any:
    try:
        import rapidocr
    except ImportError as error:
        raise MissingPartError(str(error)) from None
    weights.check(Path(rapidocr.__file__).parent / "models", DIGESTS)
    threads = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    # One line at a time: a batch is padded to its longest line, which costs memory and gains nothing here.
    return rapidocr.RapidOCR(params={"Global.log_level": "critical", "Rec.rec_batch_num": 1, **threads})
