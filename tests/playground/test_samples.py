"""The sample files are what they say they are."""

from __future__ import annotations

import io
from pathlib import Path

import av
import pytest
from PIL import Image

from playground.models.scenes import differences, recognise
from playground.samples import CACHE, SHAPES, Sample, samples, speech
from playground.samples.scene import scene_jpeg

SPEAKS = speech.is_available()


def sample(name: str) -> Sample:
    return next(each for each in samples() if each.name == name)


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("two-islands.jpg", "JPEG", (1600, 1067)),
        ("slide.png", "PNG", (1920, 1080)),
        ("receipt.jpg", "JPEG", (900, 1300)),
        ("shapes.png", "PNG", (900, 600)),
        ("sailing.gif", "GIF", (480, 320)),
    ],
)
def test_pictures_have_their_format_and_size(name: str, kind: str, size: tuple[int, int]) -> None:
    """Each picture can be opened and is small enough for any upload."""
    data = sample(name).data
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == (kind, size)
        assert getattr(image, "n_frames", 1) == (24 if kind == "GIF" else 1)
    assert len(data) < 1_000_000


def test_scripted_models_see_all_of_the_shapes() -> None:
    """It is the sample to refine: what they do not recognise, they could not compare."""
    with Image.open(io.BytesIO(sample("shapes.png").data)) as image:
        found = recognise(image)
    assert found is not None
    assert not differences(SHAPES, found)


def test_same_code_paints_the_same_picture() -> None:
    """Samples are deterministic, in any process, so that what is said about them can be compared."""
    assert scene_jpeg() == sample("two-islands.jpg").data


def test_film_has_cuts_and_sound() -> None:
    """H.264 and AAC of 20 seconds with its index in front; its four scenes differ."""
    data = sample("two-islands.mp4").data
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(io.BytesIO(data), "r") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height) == (1280, 720)
        assert container.duration == pytest.approx(20_000_000, abs=200_000)
        video.codec_context.skip_frame = "NONKEY"  # A hard cut begins with a key frame.
        shown = {frame.time: frame.to_image().resize((4, 4)).tobytes() for frame in container.decode(video)}
    assert len({shown[second] for second in (0, 3, 11, 17)}) == 4


@pytest.mark.skipif(not SPEAKS, reason="neither espeak-ng nor a recording is installed")
def test_voice_note_is_ogg_with_opus() -> None:
    """What is posted as a voice note has the format of one."""
    with av.open(io.BytesIO(sample("harbour-office.ogg").data)) as container:
        assert container.format.name == "ogg"
        assert container.streams.audio[0].codec_context.name == "opus"


def test_sample_is_made_once(tmp_path: Path) -> None:
    """What was made is read from the cache folder the next time, also by another process."""
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"bytes"

    one = Sample("one.bin", "One", "application/octet-stream", make, cache=tmp_path)
    assert (one.data, one.data) == (b"bytes", b"bytes")
    assert len(made) == 1
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"bytes"]


def test_folder_that_cannot_be_written_to_costs_only_time(tmp_path: Path) -> None:
    """A sample is made all the same."""
    (tmp_path / "file").write_bytes(b"")
    one = Sample("one.bin", "One", "application/octet-stream", lambda: b"bytes", cache=tmp_path / "file" / "in")
    assert one.data == b"bytes"


def test_default_cache_is_ignored_by_git() -> None:
    """Nobody commits the samples by mistake."""
    assert "/.cache/" in (CACHE.parents[1] / ".gitignore").read_text().splitlines()
