"""What people see of a refinement: the strip, the chart, and the sheet on which they choose a moment."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import services.media._drawing as drawing
from playground.models import markers
from services.media.picture_studio import PictureStudio
from services.media.studio_types import Chart, Panel, Strip
from tests.pictures import animation, camera_file, encoded, photo
from tests.services.media.decoding import difference, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
GREEN, BLUE = (0, 200, 0), (0, 0, 200)


def has_colour(image: Image.Image, colour: tuple[int, int, int], within: int = 24) -> bool:
    return pixels_like(image, colour, within) > 200


def pixels_like(image: Image.Image, colour: tuple[int, int, int], within: int) -> int:
    pixels = np.asarray(image.convert("RGB")).astype(np.int16)
    return int((np.abs(pixels - np.array(colour, np.int16)) <= within).all(axis=2).sum())


async def drawn(
    studio: PictureStudio, size: tuple[int, int], rounds: int, best: int, label: str = "Best"
) -> Strip:
    panels = [
        Panel(
            encoded(Image.new("RGB", size, BLUE), "PNG", compress_level=1),
            f"Round {n}",
            f"Judge {50 + n}",
            f"Measured {40 + n}",
        )
        for n in range(1, rounds + 1)
    ]
    original = encoded(Image.new("RGB", size, GREEN), "PNG", compress_level=1)
    return await studio.strip(original, title="Original", panels=panels, best=best, best_label=label)


@pytest.mark.parametrize(
    ("size", "rounds"),
    [((600, 400), 1), ((600, 400), 8), ((300, 512), 3), ((300, 512), 8), ((600, 150), 3), ((512, 512), 1)],
)
async def test_strip_shows_all_rounds(studio: PictureStudio, size: tuple[int, int], rounds: int) -> None:
    """Original and rounds stand in cells of one size, without borders, the best one framed."""
    strip = await drawn(studio, size, rounds, rounds - 1)
    image = opened(strip.picture)
    assert strip.shown == tuple(range(rounds))
    assert pixels_like(image, BLUE, 29) / pixels_like(image, GREEN, 29) == pytest.approx(rounds, rel=0.02)
    assert has_colour(image, drawing.BEST)
    assert has_colour(image, drawing.JUDGED)
    assert has_colour(image, drawing.MEASURED)
    assert len(strip.picture.data) < 8_000_000


async def test_three_rounds_are_one_row(studio: PictureStudio) -> None:
    """Original | 1 | 2 | 3."""
    pixels = np.asarray(opened((await drawn(studio, (600, 400), 3, 2)).picture)).astype(int)
    row = np.abs(pixels[100] - BLUE).max(axis=1) < 30
    assert np.count_nonzero(np.diff(row.astype(int)) == 1) == 3


async def test_candidate_of_another_shape_is_shown_whole(studio: PictureStudio) -> None:
    """It keeps its shape within a cell of the original's."""
    square = markers.stamp(photo(), 7)
    panel = Panel(encoded(square, "PNG"), "1", "", "")
    strip = await studio.strip(
        encoded(Image.new("RGB", (900, 300), GREEN), "PNG"),
        title="Original",
        panels=[panel],
        best=None,
        best_label="Best",
    )
    image = opened(strip.picture)
    assert has_colour(image, drawing.CELL, within=6)
    assert not has_colour(image, drawing.BEST)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7000, 7000)])
async def test_odd_originals_have_strips(studio: PictureStudio, size: tuple[int, int]) -> None:
    """One pixel, a line, and 49 megapixels."""
    strip = await drawn(studio, size, 1, 0)
    assert 300 < strip.picture.height < 6000


async def test_strip_tells_nothing_of_its_files(studio: PictureStudio) -> None:
    """No place and no name of a photo's owner gets into what is posted."""
    data = camera_file(photo(), "JPEG", comment=b"Ana Secret")
    strip = await studio.strip(data, title="O", panels=[Panel(data, "1")], best=0, best_label="Best")
    assert b"Secret" not in strip.picture.data
    assert not opened(strip.picture).getexif()


async def test_many_rounds_and_long_words_are_thinned_and_cut(studio: PictureStudio) -> None:
    """Twenty rounds still are one readable picture, with the best and the last in it."""
    strip = await drawn(studio, (600, 400), 20, 6, "The very best of all of them " * 3)
    assert len(strip.shown) == 11
    assert {0, 6, 18, 19} <= set(strip.shown)
    assert strip.picture.height < 3000


def chart(judged: list[float | None], measured: list[float | None], best: int | None) -> Chart:
    return Chart(judged, measured, best, "Judge", "Measured", "Best", "Round", "Similarity (0 to 100)")


@pytest.mark.parametrize("rounds", [0, 1, 3, 8, 20, 60])
async def test_chart_shows_both_series(studio: PictureStudio, rounds: int) -> None:
    values: list[float | None] = [100 * n / max(rounds, 1) for n in range(rounds)]
    picture = await studio.chart(chart(values, values[::-1], rounds - 1 if rounds else None))
    image = opened(picture)
    assert picture.mime == "image/png"
    assert not image.info
    assert has_colour(image, drawing.JUDGED)
    assert has_colour(image, drawing.MEASURED)
    assert has_colour(image, drawing.BEST) == bool(rounds)


async def test_chart_bears_gaps_and_values_beyond_the_axis(studio: PictureStudio) -> None:
    """A judge that failed in a round leaves a gap; nothing is drawn outside of the axes."""
    flat = opened(await studio.chart(chart([None, 100, None], [0, None, 100], None)))
    wild = opened(await studio.chart(chart([None, 1e9, None], [-5, None, 100.0], None)))
    plot = (118, 160, 1052, 470)
    assert difference(flat.crop(plot), wild.crop(plot)) < 1


async def test_chart_needs_a_value_a_round() -> None:
    with pytest.raises(ValueError, match="one value a round"):
        chart([1, 2], [1], None)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_moment_is_chosen_from_a_sheet(studio: PictureStudio, kind: str) -> None:
    """The number on the sheet leads to that frame, at full size."""
    frames = [
        markers.stamp(photo(name).resize((900, 600)), 20 + n)
        for n, name in enumerate(("astronaut", "chelsea", "coffee", "rocket"))
    ]
    data = animation(frames, kind, duration=[500, 700, 900, 400])
    sheet = await studio.frame_sheet(data)
    assert sheet.times == pytest.approx((0, 0.5, 1.2, 2.1), abs=0.011)
    assert sheet.seconds == pytest.approx(2.5, abs=0.011)
    opened(sheet.picture)
    for number, time in enumerate(sheet.times):
        frame = await studio.frame(data, time, long_side=1568)
        assert markers.read(opened(frame.picture)) == 20 + number
        assert (frame.picture.width, frame.picture.height) == (900, 600)
        assert frame.time == time


async def test_no_more_than_nine_moments(studio: PictureStudio) -> None:
    frames = [markers.stamp(photo("coffee").resize((240, 160)).rotate(31 * n), n) for n in range(30)]
    sheet = await studio.frame_sheet(animation(frames, duration=100))
    assert len(sheet.times) == 9
    assert list(sheet.times) == sorted(sheet.times)


async def test_time_after_the_end_is_the_last_frame(studio: PictureStudio) -> None:
    frames = [markers.stamp(photo("coffee").resize((240, 160)), n) for n in (1, 2)]
    frame = await studio.frame(animation(frames, "WEBP", duration=100), 99.0, long_side=512)
    assert markers.read(opened(frame.picture)) == 2


async def test_still_picture_is_its_only_moment(studio: PictureStudio) -> None:
    """Whoever asks for a sheet of a photo gets it with one number."""
    assert (await studio.frame_sheet(encoded(photo(), "PNG"))).times == (0.0,)
