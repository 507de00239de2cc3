"""Pictures of every kind, whole and broken, through the real sandbox."""

from __future__ import annotations

import io
import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from playground.models import markers
from services.errors import MediaError
from services.media.sandbox import ChildResult, Sandbox
from services.media.sniff import sniff
from tests.pictures import encoded, photo

pillow_heif.register_heif_opener()
HERE = "tests.services.media.test_reading"


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    sandbox = Sandbox(
        children=2, memory_bytes=1_610_612_736, wall_seconds=30, preload=["services.media.images"]
    )
    yield sandbox
    await sandbox.aclose()


async def decode(sandbox: Sandbox, folder: Path, data: bytes, **options: Any) -> ChildResult:
    path = folder / "in.bin"
    path.write_bytes(data)
    found = sniff(data[:4096])
    assert found is not None
    given = {"decoder": found.decoder, "max_pixels": 50_000_000, "long_side": 1568, "moments": 6}
    return await sandbox.run("services.media.images:decode", path, given | options)


def shown(result: ChildResult) -> Image.Image:
    return Image.open(io.BytesIO(result.payloads[0]))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "HEIF"])
async def test_every_format_is_read(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Each promised format comes out with its content."""
    result = await decode(sandbox, tmp_path, encoded(photo(marker=1500), kind))
    assert result.facts["kind"] == "image"
    assert markers.read(shown(result)) == 1500


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_picture_is_turned_upright(sandbox: Sandbox, tmp_path: Path, orientation: int) -> None:
    """All eight orientations come out upright, and without any metadata."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = photo(marker=2048)
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    result = await decode(sandbox, tmp_path, encoded(stored, "JPEG", quality=95, exif=exif))
    image = shown(result)
    assert markers.read(image) == 2048
    assert not image.getexif()
    assert not {"exif", "icc_profile", "comment"} & image.info.keys()


async def test_deep_grey_keeps_its_shades(sandbox: Sandbox, tmp_path: Path) -> None:
    """16-bit grey is scaled, not cut off at white."""
    ramp = np.linspace(0, 65_535, 256, dtype=np.uint16).repeat(64).reshape(256, 64)
    result = await decode(sandbox, tmp_path, encoded(Image.fromarray(ramp), "PNG"))
    values = np.asarray(shown(result).convert("L"))
    assert abs(float(values.mean()) - 127.5) < 2


async def test_cmyk_palette_and_one_pixel(sandbox: Sandbox, tmp_path: Path) -> None:
    """Odd modes and sizes come out as plain pictures that a model accepts."""
    cmyk = await decode(sandbox, tmp_path, encoded(photo(marker=9).convert("CMYK"), "JPEG", quality=95))
    assert markers.read(shown(cmyk)) == 9
    palette = photo().quantize(16)
    clear = await decode(sandbox, tmp_path, encoded(palette, "PNG", transparency=0))
    assert shown(clear).mode in {"RGB", "P", "L"}
    dot = await decode(sandbox, tmp_path, encoded(Image.new("RGB", (1, 1), "red"), "PNG"))
    assert min(shown(dot).size) >= 32


async def test_white_on_nothing_stays_readable(sandbox: Sandbox, tmp_path: Path) -> None:
    """White drawing on transparency is laid on dark, not on white."""
    drawing = Image.new("RGBA", (120, 80), (0, 0, 0, 0))
    drawing.paste((255, 255, 255, 255), (40, 20, 80, 60))
    values = np.asarray(shown(await decode(sandbox, tmp_path, encoded(drawing, "PNG"))).convert("L"))
    assert int(values.max()) - int(values.min()) > 150


async def test_bomb_is_refused_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    """A small file with 900 million pixels is refused before it is decoded."""
    data = bytearray(encoded(Image.new("1", (8, 8)), "PNG"))
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    await sandbox.start()
    started = time.perf_counter()
    with pytest.raises(MediaError, match="media-too-many-pixels"):
        await decode(sandbox, tmp_path, bytes(data))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("data", [encoded(photo())[:3000], b"\x89PNG\r\n\x1a\n" + b"x" * 500, b"GIF89a"])
async def test_broken_file_is_an_ordinary_error(sandbox: Sandbox, tmp_path: Path, data: bytes) -> None:
    """What cannot be decoded ends in one sentence."""
    with pytest.raises(MediaError, match="media-broken"):
        await decode(sandbox, tmp_path, data)


async def test_long_animation_takes_bounded_work(sandbox: Sandbox, tmp_path: Path) -> None:
    """Of a long animation the first and the last read moment are kept, and no more than asked."""
    frames = [Image.new("L", (64, 48), shade % 256) for shade in range(400)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20)
    result = await decode(sandbox, tmp_path, data, moments=5)
    times = [each["time"] for each in result.facts["pictures"]]
    assert len(times) == 5
    assert times[0] == 0.0
    assert times[-1] >= 0.9 * result.facts["seconds"]


def crash(path: str, options: dict[str, Any]) -> Any:
    os.kill(os.getpid(), options["signal"])


def hang(path: str, options: dict[str, Any]) -> Any:
    time.sleep(600)


def devour(path: str, options: dict[str, Any]) -> Any:
    return {}, [b"x" * 3_000_000_000]


def tell_environment(path: str, options: dict[str, Any]) -> Any:
    return dict(os.environ), []


@pytest.mark.parametrize(
    ("function", "code"),
    [("crash", "media-decoder-died"), ("hang", "media-took-too-long"), ("devour", "media-too-complex")],
)
async def test_dying_child_ends_its_own_job_only(
    sandbox: Sandbox, tmp_path: Path, function: str, code: str
) -> None:
    """A child that crashes, hangs or eats memory is an ordinary error; the next job works."""
    path = tmp_path / "in.bin"
    path.touch()
    limit = 1.0 if function == "hang" else 20.0
    with pytest.raises(MediaError, match=code):
        await sandbox.run(f"{HERE}:{function}", path, {"signal": 11}, wall_seconds=limit)
    assert (await decode(sandbox, tmp_path, encoded(photo()))).facts["width"] == 512


async def test_child_has_no_secrets(sandbox: Sandbox, tmp_path: Path) -> None:
    """Nothing of the bot's environment reaches a decoder but what it needs."""
    path = tmp_path / "in.bin"
    path.touch()
    result = await sandbox.run(f"{HERE}:tell_environment", path, {})
    allowed = {"PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE"}
    assert set(result.facts) <= allowed | {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MALLOC_ARENA_MAX"}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7", "pdf"),
        (b"<svg xmlns='x'>", "svg"),
        (b"<!DOCTYPE html><html>", "html"),
        (b"PK\x03\x04", "zip"),
        (b"hello there", "text"),
        (b"#EXTM3U\n", "playlist"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isom", "mp4"),
        (b"OggS\x00", "ogg"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(data: bytes, name: str) -> None:
    """The bytes decide, and the sentence can say what the file really is."""
    found = sniff(data)
    assert found is not None
    assert found.name == name
    assert found.family != "picture"
