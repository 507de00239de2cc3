"""How much of a frame a smaller picture of it would lose; runs in sandbox children.

Models are paid for by the area of pictures. A soft picture (a face, a view in motion, a low bit rate) says the
same at a smaller size; small letters do not survive it, and leave the largest differences there are. No letters
are looked for: anything fine that would be lost keeps a frame large, text in any script among it.
"""

from __future__ import annotations

import av
import numpy as np

from services.media._features import Matrix

MOST_LOST = 2.4
"""Of `lost_detail`, up to which a frame counts as soft. All words measured that a recognizer reads in a frame
of 768 px but not of 512 px have more, most of them much more; blurred and pale ones have 2.5 and more."""
CELL = 4
"""Differences are averaged over squares of so many px."""
PATCHES = ((2, 6), (6, 2))
"""Rows and columns of such squares: a short word in small letters, upright or turned."""


def smaller(frame: av.VideoFrame, long_side: int) -> av.VideoFrame:
    """Return a frame of square pixels scaled down to `long_side` px; itself if it is not larger."""
    factor = long_side / max(frame.width, frame.height)
    if factor >= 1:
        return frame
    width, height = (max(round(side * factor / 2) * 2, 2) for side in (frame.width, frame.height))
    return frame.reformat(width, height, interpolation="LANCZOS", threads=1)


def lost_detail(frame: av.VideoFrame, long_side: int) -> float:
    """Return how far a copy of `long_side` px is off, in greys of 255, in the patch where it is most."""
    grey = frame.reformat(format="gray", threads=1)
    back = smaller(grey, long_side).reformat(frame.width, frame.height, interpolation="BICUBIC", threads=1)
    before, after = grey.to_ndarray(), back.to_ndarray()
    lost = av.VideoFrame.from_ndarray(np.maximum(before, after) - np.minimum(before, after), format="gray")
    columns, rows = -(-frame.width // CELL), -(-frame.height // CELL)
    cells = lost.reformat(columns, rows, interpolation="AREA", threads=1).to_ndarray().astype(np.float32)
    sums = np.zeros((rows + 1, columns + 1), dtype=np.float32)
    np.cumsum(cells, axis=0, out=sums[1:, 1:]).cumsum(axis=1, out=sums[1:, 1:])
    return max(_most(sums, *patch) for patch in PATCHES)


def _most(sums: Matrix, rows: int, columns: int) -> float:
    """Return the highest mean of any patch of so many cells, from their sums above and to the left."""
    rows, columns = min(rows, sums.shape[0] - 1), min(columns, sums.shape[1] - 1)
    patches = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    return float(patches.max()) / (rows * columns)
