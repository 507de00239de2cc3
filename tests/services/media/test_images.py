"""Pictures of every kind, whole and broken, as a model would see them."""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw, ImageOps

from playground.models import markers
from services.errors import MediaError
from tests.pictures import camera_file, encoded, photo, png_bomb
from tests.services.media.decoding import Decoder, difference, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT_ONCE_SECONDS = 5.0
"""Five times what a refusal may take."""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "HEIF"])
async def test_every_format_is_read(decode: Decoder, kind: str) -> None:
    """Each promised format comes out with its content and its facts."""
    source = photo(marker=1500)
    result = await decode(encoded(source, kind))
    facts = result.facts
    assert (facts["kind"], facts["width"], facts["height"], facts["frames"]) == ("image", 512, 512, 1)
    assert markers.read(shown(result)) == 1500
    assert difference(source, shown(result)) < 4
    assert facts["pictures"] == [{"mime": "image/jpeg", "width": 512, "height": 512, "time": None}]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
async def test_picture_is_turned_upright(decode: Decoder, kind: str, orientation: int) -> None:
    """All eight orientations come out upright, with the sizes that people see."""
    upright = markers.stamp(photo("coffee").resize((300, 200)), 2048)
    result = await decode(camera_file(upright, kind, orientation=orientation, quality=95))
    assert markers.read(shown(result)) == 2048
    assert (result.facts["width"], result.facts["height"]) == upright.size == shown(result).size


async def test_deep_grey_is_turned_upright(decode: Decoder) -> None:
    """A scanner's 16-bit grey keeps its orientation although its pixels are converted."""
    grey = np.asarray(photo(marker=77).convert("L")).astype(np.uint16) * 257
    result = await decode(camera_file(Image.fromarray(grey), "PNG", orientation=6))
    assert markers.read(shown(result)) == 77


async def test_noise_is_read(decode: Decoder) -> None:
    """A picture that hardly compresses comes out like any other."""
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (1024, 1024, 3), np.uint8))
    result = await decode(encoded(noise, "PNG"))
    assert shown(result).size == (1024, 1024)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF", "GIF"])
async def test_nothing_but_pixels_comes_out(decode: Decoder, kind: str) -> None:
    """Place, owner, comment and thumbnail of a photo reach no model."""
    result = await decode(camera_file(photo(), kind, comment=b"Ana Secret wrote this"))
    data, image = result.payloads[0], shown(result)
    assert b"Secret" not in data
    assert b"Exif" not in data
    assert not image.getexif()
    assert not image.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_palette_metadata_is_left_out(decode: Decoder) -> None:
    """Few-coloured pictures leave as PNG, and those hold no text either."""
    drawing = Image.new("RGB", (300, 200), "navy")
    result = await decode(camera_file(drawing, "PNG"))
    assert shown(result).format == "PNG"
    assert b"Secret" not in result.payloads[0]
    assert not shown(result).info


async def test_sixteen_bit_grey_keeps_its_shades(decode: Decoder) -> None:
    """Deep grey is scaled, not cut off at white, however dark it is."""
    ramp = np.linspace(0, 65_535, 256).astype(np.uint16).repeat(64).reshape(256, 64)
    values = np.asarray(shown(await decode(encoded(Image.fromarray(ramp), "PNG"))).convert("L"))
    assert abs(values[:, 32].astype(int) - np.arange(256)).max() <= 2
    night = np.full((64, 64), 200, np.uint16)
    assert np.asarray(shown(await decode(encoded(Image.fromarray(night), "TIFF")))).max() <= 1


async def test_sixteen_bit_colour_keeps_its_shades(decode: Decoder) -> None:
    """48-bit PNG comes out like its 8-bit twin."""
    source = photo(marker=300)
    deep = (np.asarray(source).astype(np.uint16) * 257).astype(">u2")
    assert difference(source, shown(await decode(png_of_depth_16(deep)))) < 2


Grey = np.ndarray[Any, np.dtype[np.uint8]]


def floats(grey: Grey) -> Any:
    return (grey.astype(np.float32) - 100) / 7


def floats_with_holes(grey: Grey) -> Any:
    values = grey.astype(np.float32)
    values[:20, :20] = (np.nan, np.inf, -np.inf, 0.0) * 5
    return values


def small_integers(grey: Grey) -> Any:
    return grey.astype(np.int32)


def sixteen_bit_integers(grey: Grey) -> Any:
    return grey.astype(np.int32) * 257


def large_integers(grey: Grey) -> Any:
    return grey.astype(np.int32) * 8_000_000


@pytest.mark.parametrize(
    "measure", [floats, floats_with_holes, small_integers, sixteen_bit_integers, large_integers]
)
async def test_measurements_are_shown_in_their_range(decode: Decoder, measure: Callable[[Grey], Any]) -> None:
    """32-bit integers and floats, also with holes, show the picture that is in them."""
    source = ImageOps.autocontrast(photo("chelsea").convert("L"))
    result = await decode(encoded(Image.fromarray(measure(np.asarray(source))), "TIFF"))
    assert difference(source, shown(result)) < 8


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
async def test_print_colours_look_right(decode: Decoder, kind: str) -> None:
    """CMYK comes out in its colours, not inverted."""
    source = photo(marker=9)
    result = await decode(encoded(source.convert("CMYK"), kind, quality=95))
    assert markers.read(shown(result)) == 9
    assert difference(source, shown(result)) < 4


async def test_lab_colours_look_right(decode: Decoder) -> None:
    """A TIFF in Lab comes out in its colours."""
    source = photo()
    lab = ImageCms.profileToProfile(
        source, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    assert difference(source, shown(await decode(encoded(lab, "TIFF")))) < 4


async def test_embedded_profile_is_applied(decode: Decoder) -> None:
    """Colours are converted by the picture's own profile; a broken or unfitting one does no harm."""
    source = photo()
    foreign = encoded(source, "PNG", icc_profile=swapped_primaries())
    assert difference(source, shown(await decode(foreign))) > 10
    for useless in (b"no profile at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()):
        result = await decode(encoded(source, "PNG", icc_profile=useless))
        assert difference(source, shown(result)) < 4


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "L", "1"])
async def test_transparency_is_laid_on_white(decode: Decoder, mode: str) -> None:
    """What is see-through is white, in every way of saying it."""
    drawing = Image.new("RGBA", (120, 80), (0, 0, 0, 0))
    ImageDraw.Draw(drawing).rectangle((40, 20, 79, 59), fill=(200, 0, 0, 255))
    if mode in {"RGBA", "LA"}:
        data = encoded(drawing.convert(mode), "PNG")
    elif mode == "P":
        palette = Image.new("P", (120, 80), 0)
        palette.putpalette([0, 255, 0, 200, 0, 0])
        palette.paste(1, (40, 20, 80, 60))
        data = encoded(palette, "PNG", transparency=0)
    else:
        # A colour that stands for nothing.
        flat = Image.new("RGB", (120, 80), (0, 0, 0))
        flat.paste((240, 240, 240), (40, 20, 80, 60))
        clear = (0, 0, 0) if mode == "RGB" else 0
        data = encoded(flat.convert(mode, dither=Image.Dither.NONE), "PNG", transparency=clear)
    image = shown(await decode(data)).convert("RGB")
    drawn = image.getpixel((60, 40))
    corner = image.getpixel((5, 5))
    assert isinstance(drawn, tuple)
    assert isinstance(corner, tuple)
    if mode in {"RGB", "L", "1"}:
        # The drawing itself is light here, so the ground is dark; but it is not the hidden colour.
        assert drawn[0] - corner[0] > 100
    else:
        assert min(corner) > 250
        assert drawn[2] < 100


async def test_white_on_nothing_stays_readable(decode: Decoder) -> None:
    """A light drawing on transparency is laid on dark, where white would swallow it."""
    drawing = Image.new("RGBA", (120, 80), (0, 0, 0, 0))
    drawing.paste((255, 255, 255, 255), (40, 20, 80, 60))
    values = np.asarray(shown(await decode(encoded(drawing, "PNG"))).convert("L"))
    assert int(values.max()) - int(values.min()) > 150


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (3000, 2), (31, 31)])
async def test_tiny_picture_is_enlarged(decode: Decoder, size: tuple[int, int]) -> None:
    """Models refuse sides under 32 px; the picture's own size is still told."""
    result = await decode(encoded(Image.new("RGB", size, "red"), "PNG"))
    image = shown(result).convert("RGB")
    assert min(image.size) >= 32
    assert max(image.size) <= 1568
    assert np.abs(np.asarray(image).astype(int) - (255, 0, 0)).max() <= 2
    assert (result.facts["width"], result.facts["height"]) == size


async def test_large_picture_is_scaled_to_the_long_side(decode: Decoder) -> None:
    """The longer side has the asked length, the shape stays, small pictures are not enlarged."""
    wide = photo("coffee").resize((3000, 1000))
    assert shown(await decode(encoded(wide))).size == (1568, 523)
    assert shown(await decode(encoded(wide.rotate(90, expand=True)), long_side=768)).size == (256, 768)
    assert shown(await decode(encoded(photo("coffee")))).size == photo("coffee").size


async def test_scaling_shows_no_hidden_picture(decode: Decoder) -> None:
    """A picture hidden in every eighth pixel shows to people as a speckle, and not to the model either."""
    visible = np.asarray(Image.new("L", (3136, 3136), 200)).copy()
    hidden = np.asarray(photo().convert("L").resize((392, 392)))
    visible[4::8, 4::8] = hidden
    result = await decode(encoded(Image.fromarray(visible), "PNG"), long_side=392)
    values = np.asarray(shown(result).convert("L"))[20:-20, 20:-20]
    assert float(values.std()) < 4
    assert float(values.mean()) > 185


async def test_drawing_leaves_as_png_and_photo_as_jpeg(decode: Decoder) -> None:
    """Sharp edges of few colours stay exact; photographs, also grey ones, stay small."""
    screen = Image.new("RGB", (800, 600), "white")
    for y in range(10, 600, 30):
        ImageDraw.Draw(screen).rectangle((10, y, 700, y + 8), fill="black")
    result = await decode(encoded(screen, "PNG"))
    assert shown(result).format == "PNG"
    assert np.array_equal(np.asarray(shown(result).convert("RGB")), np.asarray(screen))
    assert shown(await decode(encoded(photo(), "PNG"))).format == "JPEG"
    assert shown(await decode(encoded(photo().convert("L"), "PNG"))).format == "JPEG"


async def test_first_picture_of_a_stereo_photo_is_read(decode: Decoder) -> None:
    """A camera's two-picture JPEG (MPO) is one picture, not an animation."""
    result = await decode(encoded(photo(marker=5), "MPO", save_all=True, append_images=[photo("chelsea")]))
    assert result.facts["kind"] == "image"
    assert markers.read(shown(result)) == 5


async def test_first_page_of_a_scan_is_read(decode: Decoder) -> None:
    """Of a TIFF with several pages the first one is read."""
    pages = [photo(marker=6), photo("chelsea")]
    result = await decode(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert (result.facts["kind"], markers.read(shown(result))) == ("image", 6)


async def test_phone_photo_of_12_megapixels_is_read(decode: Decoder) -> None:
    """A 12 MP HEIC held upright by the camera comes out upright and small."""
    upright = photo(marker=1212).resize((3024, 4032))
    quick = {"preset": "ultrafast"}
    result = await decode(camera_file(upright, "HEIF", orientation=6, quality=50, enc_params=quick))
    assert markers.read(shown(result)) == 1212
    assert shown(result).size == (1176, 1568)
    assert (result.facts["width"], result.facts["height"]) == (3024, 4032)


@pytest.mark.parametrize("is_progressive", [False, True])
async def test_photo_of_48_megapixels_is_read(decode: Decoder, is_progressive: bool) -> None:
    """The largest phone photos fit into the limits, progressive ones too."""
    source = photo(marker=48).resize((8000, 6000), Image.Resampling.BILINEAR)
    result = await decode(encoded(source, "JPEG", quality=80, progressive=is_progressive))
    assert markers.read(shown(result)) == 48


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (lambda: png_bomb(30_000, 30_000), "30000 × 30000"),
        (lambda: png_bomb(50_000_001, 1), "50000001 × 1"),
        (lambda: encoded(Image.new("1", (7072, 7072)), "TIFF", compression="group4"), "7072 × 7072"),
        (lambda: giant_gif(60_000, 60_000), "60000 × 60000"),
        (lambda: encoded(Image.new("L", (16_383, 4_000)), "WEBP", method=0), "16383 × 4000"),
    ],
)
async def test_bomb_is_refused_at_once(decode: Decoder, data: Callable[[], bytes], size: str) -> None:
    """A small file of very many pixels is refused before it is decoded."""
    bomb = data()
    await decode(encoded(Image.new("RGB", (8, 8)), "PNG"))  # So that the sandbox is warm.
    started = time.perf_counter()
    with pytest.raises(MediaError) as caught:
        await decode(bomb)
    assert time.perf_counter() - started < AT_ONCE_SECONDS
    assert caught.value.code == "media-too-many-pixels"
    assert caught.value.params == {"size": size, "limit": "50"}


async def test_picture_at_the_limit_is_read(decode: Decoder) -> None:
    """Exactly as many pixels as allowed are not too many."""
    assert (await decode(encoded(Image.new("L", (100, 50)), "PNG"), max_pixels=5000)).payloads
    with pytest.raises(MediaError, match="media-too-many-pixels"):
        await decode(encoded(Image.new("L", (100, 51)), "PNG"), max_pixels=5000)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "HEIF"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.97])
async def test_cut_off_file_is_an_ordinary_error(decode: Decoder, kind: str, kept: float) -> None:
    """A file that ends too early is told to be damaged, wherever it ends."""
    whole = encoded(photo().resize((256, 256)), kind)
    with pytest.raises(MediaError, match="media-broken"):
        await decode(whole[: max(int(len(whole) * kept), 64)])


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"x" * 500,
        b"GIF89a",
        b"\xff\xd8\xff",
        b"RIFF\xff\xff\xff\xffWEBP",
        b"II*\x00\x08\x00\x00\x00\x01\x00" + b"\xff" * 40,
        b"II*\x00\x08\x00\x00\x00" + b"\x00" * 10 + b"\x08\x00\x00\x00",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif",
        b"\xff\xd8\xff\xe0 this is in truth a letter to my aunt",
    ],
)
async def test_mere_beginning_of_a_picture_is_an_ordinary_error(decode: Decoder, data: bytes) -> None:
    """The right first bytes with nonsense after them end in one sentence."""
    with pytest.raises(MediaError, match="media-broken"):
        await decode(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "HEIF"])
async def test_damaged_file_is_a_picture_or_an_ordinary_error(decode: Decoder, kind: str) -> None:
    """Files with flipped bytes never do worse than failing."""
    chance = random.Random(kind)
    whole = camera_file(photo("chelsea").resize((120, 80)), kind, orientation=6)
    for _ in range(25):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(16, len(damaged))] = chance.randrange(256)
        outcome = await asyncio.gather(decode(bytes(damaged)), return_exceptions=True)
        if isinstance(outcome[0], MediaError):
            assert outcome[0].code in {"media-broken", "media-too-many-pixels", "media-too-complex"}
        else:
            assert not isinstance(outcome[0], BaseException)


def png_of_depth_16(values: np.ndarray) -> bytes:
    """Return a 48-bit PNG, which Pillow cannot write."""
    import zlib

    height, width, _ = values.shape
    rows = b"".join(b"\x00" + values[y].tobytes() for y in range(height))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def giant_gif(width: int, height: int) -> bytes:
    """Return a GIF whose header claims a size that its frame does not fill."""
    data = bytearray(encoded(Image.new("P", (16, 16)), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def swapped_primaries() -> bytes:
    """Return sRGB's profile with red and blue exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)
