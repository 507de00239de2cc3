"""What is in a file is told from what can really be decoded; headers only make claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from services.errors import MediaError
from services.media.sandbox import Sandbox
from services.media.sniff import HEAD_BYTES, sniff
from tests.sounds import beeps, encoded

pytestmark = pytest.mark.asyncio(loop_scope="module")

INSPECT = "services.media.inspection:inspect"


async def look(sandbox: Sandbox, folder: Path, data: bytes, max_pixels: int = 1_000_000) -> dict[str, Any]:
    path = folder / "in.bin"
    path.write_bytes(data)
    found = sniff(data[:HEAD_BYTES])
    assert found is not None
    options = {"demuxer": found.demuxer, "max_pixels": max_pixels}
    result = await sandbox.run(INSPECT, path, options)
    assert result.payloads == ()
    return dict(result.facts)


def film(folder: Path, codec: str = "libx264", size: tuple[int, int] = (320, 180), start: int = 0) -> bytes:
    """Two seconds of gray at 10 frames a second."""
    path = folder / "film.mp4"
    with av.open(path, "w", format="mp4") as output:
        stream = output.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.set_display_rotation(90)
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 128, np.uint8), format="rgb24")
            frame.pts = number + start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path.read_bytes()


async def test_moving_pictures_have_their_upright_size(decoding_sandbox: Sandbox, tmp_path: Path) -> None:
    """As phones write them: lying, with a note to turn them."""
    facts = await look(decoding_sandbox, tmp_path, film(tmp_path))
    assert facts["seconds"] == pytest.approx(2.0, abs=0.1)
    assert (facts["videos"], facts["tracks"]) == (1, 0)
    video = facts["video"]
    assert (video["codec"], video["width"], video["height"]) == ("h264", 180, 320)
    assert video["start"] == 0.0
    assert video["frames_a_second"] == pytest.approx(10, abs=0.6)


async def test_tracks_are_counted_with_their_languages(decoding_sandbox: Sandbox, tmp_path: Path) -> None:
    """All that may be heard, in order."""
    tracks = [beeps([1.0], 3)] * 3
    data = encoded(*tracks, container="matroska", codec="flac", languages=["deu", "eng", "fra"], start=5)
    facts = await look(decoding_sandbox, tmp_path, data)
    assert facts["video"] is None
    assert [each["language"] for each in facts["sounds"]] == ["deu", "eng", "fra"]
    assert {each["start"] for each in facts["sounds"]} == {0.0}
    assert {(each["rate"], each["channels"], each["codec"]) for each in facts["sounds"]} == {
        (48_000, 1, "flac")
    }


async def test_too_large_pictures_are_refused(decoding_sandbox: Sandbox, tmp_path: Path) -> None:
    """Before a frame is decoded."""
    with pytest.raises(MediaError) as caught:
        await look(decoding_sandbox, tmp_path, film(tmp_path), max_pixels=10_000)
    assert caught.value.code in {"media-too-many-pixels", "media-broken"}


async def test_foreign_codecs_are_refused(decoding_sandbox: Sandbox, tmp_path: Path) -> None:
    """A container that is known does not open the door to every decoder."""
    with pytest.raises(MediaError) as caught:
        await look(decoding_sandbox, tmp_path, film(tmp_path, codec="mpeg2video"))
    assert (caught.value.code, caught.value.params) == ("media-codec", {"codec": "mpeg2video"})


async def test_cut_off_and_empty_files_are_broken(decoding_sandbox: Sandbox, tmp_path: Path) -> None:
    """An MP4 whose index was never written cannot be opened."""
    data = film(tmp_path)
    for part in (data[: len(data) // 2], data[:64]):
        with pytest.raises(MediaError) as caught:
            await look(decoding_sandbox, tmp_path, part)
        assert caught.value.code in {"media-broken", "media-no-sound"}
