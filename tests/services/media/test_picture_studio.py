"""The studio's whole way through the real sandbox: strangers' and models' bytes in, clean pictures out."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from playground.models import markers
from services.errors import MediaError
from services.media.picture_studio import PictureStudio
from services.media.sizes import CLASSIC_SIZES, Size, fit
from services.media.studio_types import Panel
from tests.pictures import camera_file, encoded, photo, png_bomb
from tests.services.media.decoding import difference, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
COFFEE = fit(Size(600, 400), CLASSIC_SIZES)


async def test_original_is_laid_into_the_request_and_cut_out_again(studio: PictureStudio) -> None:
    """What a model gives back unchanged lies on the original, to the pixel's rounding."""
    original = photo("coffee").crop((0, 0, 600, 300))
    plan = fit(Size(600, 300), CLASSIC_SIZES)
    laid = await studio.prepare_edit(encoded(original, "PNG"), plan)
    assert (opened(laid).size, laid.mime) == ((1536, 1024), "image/png")
    back = await studio.clean(laid.data, plan)
    assert back.width / back.height == pytest.approx(2, abs=0.01)
    assert difference(opened(back), original) < 1.5


@pytest.mark.parametrize("orientation", [1, 6])
async def test_edit_is_upright_and_holds_no_metadata(studio: PictureStudio, orientation: int) -> None:
    """The model gets an upright picture, and nobody's name or place."""
    source = markers.stamp(photo("coffee"), 99)
    laid = await studio.prepare_edit(camera_file(source, "JPEG", orientation=orientation), COFFEE)
    assert markers.read(opened(laid)) == 99
    assert b"Secret" not in laid.data
    assert not opened(laid).info


async def test_padding_goes_on_in_the_pictures_colours(studio: PictureStudio) -> None:
    """A panorama gets no black bars, which a model would paint on."""
    plan = fit(Size(1000, 100), CLASSIC_SIZES)
    laid = opened(await studio.prepare_edit(encoded(Image.new("RGB", (1000, 100), (200, 90, 40)), "PNG"), plan))
    assert np.abs(np.asarray(laid).astype(int) - (200, 90, 40)).max() <= 2


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("WEBP", "image/png"), ("JPEG", "image/png")])
async def test_generated_picture_is_cleaned(studio: PictureStudio, kind: str, mime: str) -> None:
    """A model's picture leaves without what was written into its file."""
    cleaned = await studio.clean(camera_file(photo(), kind))
    assert cleaned.mime == mime
    assert b"Secret" not in cleaned.data
    assert not opened(cleaned).getexif()
    assert difference(opened(cleaned), photo()) < 3


async def test_generated_picture_is_made_to_fit_in_bytes(studio: PictureStudio) -> None:
    """Whatever the limit, the result is below it: JPEG instead of PNG, in the end smaller."""
    noise = np.random.default_rng(1).integers(0, 255, (1024, 1024, 3), np.uint8)
    data = encoded(Image.fromarray(noise), "PNG")
    for limit in (2_000_000, 300_000, 20_000):
        made = await studio.clean(data, max_bytes=limit)
        assert made.mime == "image/jpeg"
        assert len(made.data) <= limit
        opened(made)


async def test_transparency_of_a_generated_picture_stays(studio: PictureStudio) -> None:
    """A sticker keeps its transparent surroundings, also when it has to be made smaller."""
    sticker = Image.fromarray(np.random.default_rng(1).integers(0, 255, (800, 800, 4), np.uint8))
    sticker.paste((0, 0, 0, 0), (0, 0, 400, 800))
    for limit, mime in ((8_000_000, "image/png"), (700_000, "image/webp")):
        made = await studio.clean(encoded(sticker, "PNG"), max_bytes=limit)
        assert made.mime == mime
        assert np.asarray(opened(made).getchannel("A"))[:, :390].max() == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "media-generated-empty"),
        (encoded(Image.new("RGBA", (64, 64), (9, 9, 9, 0)), "PNG"), "media-generated-empty"),
        (b"<html>busy</html>", "media-generated-broken"),
        (b"\x00\x01nothing known", "media-generated-broken"),
        (encoded(photo(), "JPEG")[:4000], "media-generated-broken"),
        (png_bomb(30_000, 30_000), "media-generated-too-big"),
    ],
)
async def test_bad_answers_of_a_model_have_sentences_of_their_own(
    studio: PictureStudio, data: bytes, code: str
) -> None:
    """Nobody is asked to upload a file again that a model made."""
    with pytest.raises(MediaError) as caught:
        await studio.clean(data, COFFEE)
    assert caught.value.code == code


async def test_measure_ranks_candidates(studio: PictureStudio) -> None:
    """Each candidate has its scores, in order."""
    original = photo()
    files = [encoded(each, "PNG") for each in (original, original.rotate(180), photo("coffee"))]
    same, turned, other = await studio.measure(files[0], files)
    assert (same.overall, same.structure, same.colour, same.edges) == (100, 100, 100, 100)
    assert same.overall > turned.overall > other.overall


@pytest.mark.parametrize("bad", [b"", b"GIF89a broken", b"%PDF-1.7"])
async def test_broken_input_is_told(studio: PictureStudio, bad: bytes) -> None:
    """A file that is no picture ends in a media error, whichever method it meets."""
    good = encoded(photo(), "PNG")
    panels = [Panel(bad, "1")]
    for attempt in (
        studio.measure(good, [bad]),
        studio.measure(bad, [good]),
        studio.prepare_edit(bad, COFFEE),
        studio.strip(good, title="Original", panels=panels, best=0, best_label="Best"),
        studio.read_mask(bad, width=600, height=400, fit=COFFEE),
        studio.frame_sheet(bad),
    ):
        with pytest.raises(MediaError):
            await attempt
