"""Parts of pictures come in full resolution, upright and free of metadata, and are kept for the next look."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from playground.models import markers
from services.errors import MediaError
from services.media.cache import MediaCache
from services.media.crops import WHOLE, Box, CropReader, tidy
from services.media.fetch import Fetched
from services.media.sandbox import Sandbox
from services.media.sniff import HEAD_BYTES, Format, sniff
from tests.pictures import animation, camera_file, encoded, photo

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def crops(decoding_sandbox: Sandbox, tmp_path: Path) -> CropReader:
    cache = MediaCache(tmp_path / "cache", max_bytes=50_000_000)
    return CropReader(sandbox=decoding_sandbox, cache=cache, max_pixels=20_000_000)


def fetched(data: bytes, folder: Path) -> tuple[Fetched, Format]:
    path = folder / "in.bin"
    path.write_bytes(data)
    found = sniff(data[:HEAD_BYTES])
    assert found is not None
    return Fetched(path, len(data), hashlib.sha256(data).hexdigest(), data[:HEAD_BYTES]), found


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def large() -> Image.Image:
    """Return 4000 x 3000 px with a small marked picture in the right half of the bottom."""
    image = Image.new("RGB", (4000, 3000), "grey")
    image.paste(markers.stamp(photo("coffee").resize((300, 200)), 77), (3600, 2700))
    return image


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
async def test_part_is_upright_and_in_full_resolution(
    crops: CropReader, tmp_path: Path, orientation: int
) -> None:
    """However the camera was held, the box is that of the picture as people see it."""
    file, found = fetched(camera_file(large(), orientation=orientation, quality=92), tmp_path)
    crop = await crops.cut(file, found, (0.9, 0.9, 0.975, 0.9667), 0.0)
    assert (crop.picture.width, crop.picture.height) == (300, 200)
    assert markers.read(opened(crop.picture.data)) == 77
    assert b"Secret" not in crop.picture.data
    assert max(crop.small.width, crop.small.height) <= 480


async def test_part_is_kept(crops: CropReader, tmp_path: Path) -> None:
    """The same part is not cut twice; another one is not taken for it."""
    file, found = fetched(encoded(photo("coffee"), "PNG"), tmp_path)
    assert await crops.known(file.sha256, WHOLE, 0.0) is None
    crop = await crops.cut(file, found, WHOLE, 0.0)
    assert await crops.known(file.sha256, WHOLE, 0.0) == crop
    assert await crops.known(file.sha256, (0.0, 0.0, 0.5, 0.5), 0.0) is None


async def test_moment_of_an_animation_is_cut(crops: CropReader, tmp_path: Path) -> None:
    """What is seen at a time is what was asked for, though no first look saw it."""
    frames = [markers.stamp(photo("chelsea"), number) for number in range(10, 20)]
    file, found = fetched(animation(frames, duration=500), tmp_path)
    crop = await crops.cut(file, found, WHOLE, 3.6)
    assert markers.read(opened(crop.picture.data)) == 17
    assert crop.picture.time == pytest.approx(3.5)


async def test_too_many_pixels_are_refused(crops: CropReader, tmp_path: Path) -> None:
    """A small part of a huge picture still has to be decoded whole."""
    file, found = fetched(encoded(Image.new("1", (6000, 6000)), "PNG"), tmp_path)
    with pytest.raises(MediaError, match="media-too-many-pixels"):
        await crops.cut(file, found, (0.0, 0.0, 0.1, 0.1), 0.0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((0.8, 0.9, 0.2, 0.1), (0.2, 0.1, 0.8, 0.9)),
        ((-1.0, 0.0, 3.0, 0.5), (0.0, 0.0, 1.0, 0.5)),
        ((1.0, 1.0, 1.0, 1.0), (0.98, 0.98, 1.0, 1.0)),
        ((0.5, 0.5, 0.5, 0.5), (0.49, 0.49, 0.51, 0.51)),
    ],
)
async def test_box_is_tidied(given: Box, expected: Box) -> None:
    """Sides in any order, outside or on one another give a part that shows something."""
    assert tidy(given) == pytest.approx(expected)
