"""Of an animation a model sees the moments that tell most: in order, with their times, in bounded work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image, ImageDraw

from playground.models import markers
from services.errors import MediaError
from services.media.sandbox import ChildResult
from tests.pictures import animation, camera_file, encoded, endless_gif, photo
from tests.services.media.decoding import Decoder, difference, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")
BOUND_SECONDS = 20.0 * 5


def scenes(numbers: Sequence[int], size: tuple[int, int] = (240, 160)) -> list[Image.Image]:
    """Return one distinct picture a number, which it bears as a marker."""
    names = ("astronaut", "chelsea", "coffee", "rocket")
    turned = [photo(names[n % 4]).resize(size).rotate(37 * n) for n in numbers]
    return [markers.stamp(each, n) for each, n in zip(turned, numbers, strict=True)]


def times(result: ChildResult) -> list[float]:
    return [each["time"] for each in result.facts["pictures"]]


def numbers_in(result: ChildResult) -> list[int | None]:
    return [markers.read(shown(result, index)) for index in range(len(result.payloads))]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
async def test_moments_have_their_pictures_and_times(decode: Decoder, kind: str) -> None:
    """Every animated format gives its distinct moments in order, each at its own time."""
    result = await decode(animation(scenes([1, 2, 3, 4]), kind, duration=[500, 1500, 200, 300]))
    assert numbers_in(result) == [1, 2, 3, 4]
    assert times(result) == pytest.approx([0.0, 0.5, 2.0, 2.2], abs=0.011)
    facts = result.facts
    assert (facts["kind"], facts["frames"], facts["width"], facts["height"]) == ("animation", 4, 240, 160)
    assert facts["seconds"] == pytest.approx(2.5, abs=0.011)


async def test_no_more_moments_than_asked_first_and_last_among_them(decode: Decoder) -> None:
    """Of many distinct frames so many are shown as asked, spread over the time."""
    data = animation(scenes(range(60)), duration=100)
    result = await decode(data, moments=6)
    assert len(times(result)) == 6
    assert (times(result)[0], times(result)[-1]) == (0.0, 5.9)
    assert numbers_in(result) == [round(each * 10) for each in times(result)]
    assert max(b - a for a, b in zip(times(result), times(result)[1:], strict=False)) < 3
    assert (result.facts["frames"], result.facts["seconds"]) == (60, 6.0)


@pytest.mark.parametrize("asked", [2, 3])
async def test_few_moments_keep_both_ends(decode: Decoder, asked: int) -> None:
    """With room for two, those are the first and the last."""
    result = await decode(animation(scenes(range(9)), duration=100), moments=asked)
    assert len(times(result)) == asked
    assert (times(result)[0], times(result)[-1]) == (0.0, 0.8)


async def test_repeated_moments_are_shown_once(decode: Decoder) -> None:
    """Returning scenes and standing pictures take no places."""
    first, second, third = scenes([1, 2, 3])
    frames = [first, second] * 8 + [third] + [first] * 5
    result = await decode(animation(frames, "WEBP", duration=100, lossless=True))
    assert sorted(n or 0 for n in numbers_in(result)) == [1, 2, 3]
    assert numbers_in(result)[0] == 1


async def test_brief_scene_among_long_ones_is_not_lost(decode: Decoder) -> None:
    """What is seen for a moment only is chosen before more of the same."""
    frames = [*scenes([1] * 15), *scenes([2]), *scenes([1] * 6)]
    result = await decode(animation(frames, "WEBP", duration=100, lossless=True))
    assert numbers_in(result) == [1, 2]
    assert times(result)[1] == 1.5


async def test_small_change_on_a_screen_is_seen(decode: Decoder) -> None:
    """A line of text that appears in a still window makes another moment."""
    before = Image.new("RGB", (640, 480), "white")
    after = before.copy()
    ImageDraw.Draw(after).text((40, 200), "Password accepted, welcome back", fill="black", font_size=24)
    result = await decode(animation([before] * 3 + [after] * 3, "PNG", duration=100))
    assert len(times(result)) == 2
    assert difference(shown(result, 0), shown(result, 1)) > 0


async def test_still_animation_is_one_moment(decode: Decoder) -> None:
    """Frames that all show the same are one picture, still called an animation with its length."""
    result = await decode(endless_gif(50))
    assert times(result) == [0.0]
    assert (result.facts["kind"], result.facts["frames"], result.facts["seconds"]) == ("animation", 50, 1.0)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_one_frame_is_a_picture(decode: Decoder, kind: str) -> None:
    """A GIF without movement is a picture like any other, at full size."""
    single = photo(marker=3).resize((1200, 1200))
    result = await decode(animation([single], kind))
    assert (result.facts["kind"], result.facts["frames"]) == ("image", 1)
    assert times(result) == [None]
    assert shown(result).size == (1200, 1200)


async def test_moments_are_small_and_upright(decode: Decoder) -> None:
    """Moments are at most 768 px long and turned as they should be; nothing but pixels comes out."""
    frames = scenes([11, 12], (1000, 600))
    sideways = [each.rotate(90, expand=True) for each in frames]
    exif = Image.Exif()
    exif[0x0112] = 6
    result = await decode(animation(sideways, "WEBP", duration=100, exif=exif.tobytes(), quality=90))
    assert numbers_in(result) == [11, 12]
    assert shown(result).size == (768, 461)
    assert not shown(result).getexif()
    assert (result.facts["width"], result.facts["height"]) == (1000, 600)


async def test_picture_for_old_programs_is_no_moment(decode: Decoder) -> None:
    """An APNG may begin with a picture for programs that cannot show animations; nobody else sees it."""
    frames = scenes([9, 1, 2])
    result = await decode(animation(frames, "PNG", duration=200, default_image=True))
    assert numbers_in(result) == [1, 2]
    assert times(result) == [0.0, 0.2]


async def test_missing_delays_count_as_browsers_count_them(decode: Decoder) -> None:
    """Frames without a delay are shown for a tenth of a second."""
    result = await decode(endless_gif(10, delay=0))
    assert result.facts["seconds"] == 1.0


async def test_transparent_frames_are_laid_on_one_ground(decode: Decoder) -> None:
    """See-through animations come out opaque."""
    frames = [Image.new("RGBA", (100, 100), (0, 0, 0, 0)) for _ in range(2)]
    for index, frame in enumerate(frames):
        frame.paste((200, 0, 0, 255), (10, 10 + 40 * index, 60, 40 + 40 * index))
    result = await decode(animation(frames, "PNG", duration=100))
    assert [shown(result, n).convert("RGB").getpixel((90, 90)) for n in (0, 1)] == [(255, 255, 255)] * 2


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
async def test_cut_off_animation_is_read_as_far_as_it_goes(decode: Decoder, kind: str) -> None:
    """What is there of a broken animation is shown; if not even one frame is, it is damaged."""
    whole = animation(scenes(range(12)), kind, duration=100)
    options: dict[str, Any] = {"moments": 6}
    if kind != "WEBP":  # libwebp refuses the whole file.
        result = await decode(whole[: len(whole) * 2 // 3], **options)
        assert 2 <= result.facts["frames"] < 12
        assert numbers_in(result)[0] == 0
    with pytest.raises(MediaError, match="media-broken"):
        await decode(whole[:400], **options)


async def test_endless_animation_takes_bounded_work(decode: Decoder) -> None:
    """A hundred thousand frames in 3 MB end within the limits of a job, with what could be seen."""
    started = time.perf_counter()
    result = await decode(endless_gif(100_000))
    assert time.perf_counter() - started < BOUND_SECONDS
    assert result.facts["frames"] == 20_000
    assert result.facts["seconds"] == 400.0


async def test_animation_of_very_large_frames_takes_bounded_work(decode: Decoder) -> None:
    """Many frames of 49 megapixels are read for some seconds, not until the child is killed."""
    large = Image.new("P", (7000, 7000), 1)
    single = encoded(large, "GIF")
    start = single.index(b"\x21\xf9") if b"\x21\xf9" in single else single.index(b"\x2c")
    result = await decode(single[:-1] + single[start:-1] * 1000 + b";", wall_seconds=8)
    assert result.facts["kind"] == "animation"
    assert 1 <= result.facts["frames"] < 1000
    assert len(result.payloads) == 1


async def test_frame_larger_than_the_header_says_is_refused(decode: Decoder) -> None:
    """A second frame cannot sneak in more pixels than were checked at the start."""
    small, large = (encoded(Image.new("P", (side, side), 1), "GIF") for side in (16, 12_000))
    joined = small[:-1] + large[large.index(b"\x2c") :]
    outcome = await decode(joined)
    assert outcome.facts["frames"] == 1
    assert max(shown(outcome).size) <= 32


async def test_photo_with_rotation_is_no_animation(decode: Decoder) -> None:
    """The stereo pair or the thumbnail inside a photo does not make it one."""
    result = await decode(camera_file(photo(marker=8), "TIFF", orientation=3))
    assert result.facts["kind"] == "image"
