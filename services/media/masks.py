"""Makes masks for edits, from an uploaded file or from shapes, and shows them; runs in a sandbox child.

A mask is a PNG of the size that is asked of the image model: where it is transparent the picture
changes. Padding around the original is opaque: it is cut off again, so nothing need happen there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from services.media._appearance import turned_upright
from services.media._refusals import RefusedError
from services.media._studio_files import as_png, below, opened, upright
from services.media.sizes import SAME_SHAPE

LEAST_SHARE, MOST_SHARE = 0.0005, 0.995
"""Of the picture; a mask of less or more says nothing."""
OPAQUE = 250
"""Alpha from which a picture counts as having no transparent places."""
MIDDLE = 128
FEATHER = 0.004
"""Width of the soft border as a part of the short side."""
SHAPE_MARGIN = 0.012
"""By so much of the short side shapes are enlarged: models' boxes are rough."""
SUPERSAMPLED = 2
OVERLAY_SIDE = 1280
TINT = (255, 64, 160)
TINT_SHARE, DIMMED = 0.38, 0.55
OVERLAY_BYTES = 8 * 1000 * 1000


def read_mask(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Understand an uploaded mask: its transparency, or without any its light parts, say what changes.

    Args:
        path: Of the mask; it is read as `mask` of the options says.
        options: `mask` (a source), `width` and `height` of the original (upright, px), `request` and `box`
            (see `services.media.sizes.Fit`), `max_pixels`.

    Returns:
        `mime`, `width`, `height`, `share` of the picture that changes (0 to 1), `notes` (`scaled`,
        `reshaped`, `no-alpha`, `not-black-and-white`), and the mask.

    Raises:
        RefusedError: `media-mask-empty` or `media-mask-everything`.
    """
    notes: list[str] = []
    with opened(options["mask"], options["max_pixels"]) as image:
        area = _area(image, notes)
    shape = options["width"], options["height"]
    if area.size != shape:
        same = abs(area.width * shape[1] / (area.height * shape[0]) - 1) <= SAME_SHAPE
        notes.append("scaled" if same else "reshaped")
    facts, mask = _finished(area, options)
    return facts | {"notes": notes}, [mask]


def mask_from_shapes(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Make a mask from boxes and polygons.

    Args:
        path: Not read.
        options: `shapes` (each a list of [x, y] from 0 to 1, three points or more), `request` and `box`.

    Returns:
        `mime`, `width`, `height`, `share`, `notes` (none), and the mask.

    Raises:
        RefusedError: `media-mask-empty` or `media-mask-everything`.
    """
    left, top, right, bottom = options["box"]
    width, height = (right - left) * SUPERSAMPLED, (bottom - top) * SUPERSAMPLED
    area = Image.new("L", (width, height))
    draw = ImageDraw.Draw(area)
    for shape in options["shapes"]:
        points = [(x * width, y * height) for x, y in shape]
        draw.polygon(points, fill=255, outline=255, width=1)
    if area.getbbox() is not None:
        area = _grown(area, SHAPE_MARGIN * min(area.size))
    facts, mask = _finished(area, options)
    return facts | {"notes": []}, [mask]


def draw_overlay(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Show on the picture what a mask lets change: tinted and outlined, the rest dimmed.

    Args:
        path: Of the picture; what is read is named in the options.
        options: `original` and `mask` (sources), `box`, `max_pixels`.

    Returns:
        `mime`, `width`, `height`, and the picture.
    """
    picture = upright(options["original"], options["max_pixels"], OVERLAY_SIDE)
    with opened(options["mask"], options["max_pixels"]) as image:
        area = ImageChops.invert(image.convert("RGBA").getchannel("A")).crop(tuple(options["box"]))
    if max(picture.size) < OVERLAY_SIDE // 2:  # On a small picture outlines would hide what they mark.
        picture = picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.LANCZOS)
    area = area.resize(picture.size, Image.Resampling.BILINEAR)
    dimmed = Image.blend(Image.new("RGB", picture.size), picture, DIMMED)
    tinted = Image.blend(picture, Image.new("RGB", picture.size, TINT), TINT_SHARE)
    shown = Image.composite(tinted, dimmed, area)
    hard = area.point(_threshold)
    thick = max(round(max(picture.size) / 320), 1)
    # White within black stands out on every picture.
    for colour, reach in (("black", 2 * thick), ("white", thick)):
        outline = ImageChops.subtract(_grown(hard, reach), hard)
        shown.paste(colour, mask=outline)
    mime, data, shown = below(shown, OVERLAY_BYTES, lossless_first=False)
    return {"mime": mime, "width": shown.width, "height": shown.height}, [data]


def _area(image: Image.Image, notes: list[str]) -> Image.Image:
    """Return what changes as white on black, upright."""
    turned = turned_upright(image)
    if turned.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in turned.info:
        alpha = turned.convert("RGBA").getchannel("A")
        lowest, _ = alpha.getextrema()
        if isinstance(lowest, int) and lowest < OPAQUE:
            return ImageChops.invert(alpha)
    notes.append("no-alpha")
    grey = _eight_bits(turned)
    values = np.asarray(grey)
    if float(((values > 48) & (values < 208)).mean()) > 0.1:
        notes.append("not-black-and-white")
    return grey.point(_threshold)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return greys from 0 to 255, deep ones by the range that occurs."""
    if not image.mode.startswith(("I", "F")):
        return image.convert("RGB").convert("L")
    values = np.nan_to_num(np.asarray(image).astype(np.float32), posinf=0.0, neginf=0.0)
    values = (values - values.min()) * (255.0 / max(float(values.max() - values.min()), 1e-6))
    return Image.fromarray(values.astype(np.uint8))


def _threshold(value: float) -> int:
    return 255 if value >= MIDDLE else 0


def _finished(area: Image.Image, options: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Scale the area to the original's place in the request, soften its border, and check what it covers."""
    left, top, right, bottom = options["box"]
    area = area.resize((right - left, bottom - top), Image.Resampling.BOX)
    share = _share(area)
    if share < LEAST_SHARE:
        raise RefusedError("media-mask-empty")
    if share > MOST_SHARE:
        raise RefusedError("media-mask-everything")
    soft = area.filter(ImageFilter.GaussianBlur(FEATHER * min(area.size)))
    # Softened outwards only: what was chosen changes wholly.
    area = ImageChops.lighter(area, soft)
    alpha = Image.new("L", tuple(options["request"]), 255)
    alpha.paste(ImageChops.invert(area), (left, top))
    mask = Image.new("RGBA", alpha.size)
    mask.putalpha(alpha)
    facts = {"mime": "image/png", "width": mask.width, "height": mask.height, "share": round(share, 4)}
    return facts, as_png(mask)


def _share(area: Image.Image) -> float:
    values: NDArray[np.uint8] = np.asarray(area)
    return float((values >= MIDDLE).mean())


def _grown(area: Image.Image, reach: float) -> Image.Image:
    """Enlarge the white parts by `reach` px: a box blur reaches so far, and any trace of it counts."""
    if reach < 0.5:
        return area
    blurred = area.filter(ImageFilter.BoxBlur(reach))
    return blurred.point(_trace)


def _trace(value: float) -> int:
    return 255 if value >= 2 else 0
