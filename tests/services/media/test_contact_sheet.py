"""Frames laid out on one sheet: all to be seen, labelled, small enough to post."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from services.media.contact_sheet import BACKGROUND, MOST_BYTES, draw, labels
from tests.videos import moving


def sheet(folder: Path, count: int, size: tuple[int, int] = (768, 432), *, noise: bool = False) -> Any:
    """Draw a sheet of so many frames, 10 s apart; return the facts and the picture."""
    shown: list[dict[str, Any]] = []
    for number in range(count):
        image = moving(number, 0, size)
        if noise:
            pixels = np.random.default_rng(number).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
            image = Image.fromarray(pixels)
        name = f"frame-{number:04d}.jpg"
        image.save(folder / name)
        shown.append({"file": name, "time": number * 10.0})
    facts, (data,) = draw(str(folder / "frame-0000.jpg"), {"frames": shown, "max_pixels": 4_000_000})
    assert len(data) <= MOST_BYTES
    return facts, Image.open(io.BytesIO(data))


@pytest.mark.parametrize("count", [1, 2, 5, 12, 24])
@pytest.mark.parametrize("size", [(768, 432), (243, 432), (432, 432)])
def test_sheets_suit_every_number_and_shape(tmp_path: Path, count: int, size: tuple[int, int]) -> None:
    """Little of a sheet is empty, and it is neither a ribbon nor huge."""
    facts, image = sheet(tmp_path, count, size)
    assert image.size == (facts["width"], facts["height"])
    assert max(image.size) <= 1850
    if count >= 5:
        assert 0.6 < image.width / image.height < 3
    empty = (np.abs(np.asarray(image, dtype=np.int16) - BACKGROUND).max(axis=2) < 6).mean()
    assert empty < 0.4
    assert len(facts["times"]) == count


def test_many_frames_are_thinned_evenly(tmp_path: Path) -> None:
    """Of more than 24 frames the first, the last and an even choice between them are shown."""
    facts, _ = sheet(tmp_path, 47)
    assert facts["times"] == [20.0 * number for number in range(24)]


def test_sheet_of_noise_stays_small_enough_to_post(tmp_path: Path) -> None:
    """What compresses badly is compressed more."""
    sheet(tmp_path, 24, noise=True)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0.0, 59.97, 61.0, 3599.0], ["0:00", "1:00", "1:01", "59:59"]),
        ([0.0, 3600.0, 36_610.0], ["0:00", "1:00:00", "10:10:10"]),
        ([1.04, 1.52, 2.0], ["0:01.0", "0:01.5", "0:02.0"]),
    ],
)
def test_labels_are_times_as_people_write_them(times: list[float], expected: list[str]) -> None:
    """Tenths are shown only where whole seconds would not tell two frames apart."""
    assert labels(times) == expected
