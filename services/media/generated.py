"""Readies what goes to an image model, and checks what comes back; runs in a sandbox child."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageFilter

from services.media._appearance import prepare
from services.media._refusals import RefusedError
from services.media._studio_files import as_png, below, opened, upright
from services.media.sizes import Box, Fit, Size

PADDING_BLUR = 0.05
"""Of the long side: padding goes on in the picture's colours, so that no border is painted."""
INVISIBLE = 8
"""Alpha below which nothing is seen."""


def prepare_edit(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Lay the original into the size that is asked for.

    Args:
        path: Of the original; what is read is named in the options.
        options: `original` (a source), `request` and `box` (see `services.media.sizes.Fit`), `max_pixels`.

    Returns:
        `mime`, `width`, `height`, and the picture: upright, sRGB, a PNG without metadata.
    """
    fit = fit_of(options)
    picture = upright(options["original"], options["max_pixels"], max(fit.request))
    laid = _padding(picture, fit.request) if fit.box.size != fit.request else Image.new("RGB", fit.request)
    laid.paste(picture.resize(fit.box.size, Image.Resampling.LANCZOS), (fit.box.left, fit.box.top))
    return {"mime": "image/png", "width": laid.width, "height": laid.height}, [as_png(laid)]


def clean(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Check what an image model returned, cut it to the original's shape and encode it anew.

    Args:
        path: Of what it returned; it is read as `generated` of the options says.
        options: `generated` (a source), `request` and `box`, or neither for a picture that keeps its own
            shape, `max_pixels`, `max_bytes`.

    Returns:
        `mime`, `width`, `height`, and the picture: free of metadata, no larger than `max_bytes`.

    Raises:
        RefusedError: `media-generated-empty`: nothing is to be seen in it.
    """
    with opened(options["generated"], options["max_pixels"]) as image:
        picture = _visible(image)
    if "request" in options:
        picture = picture.crop(fit_of(options).box_in(Size(*picture.size)))
    mime, data, picture = below(picture, options["max_bytes"])
    return {"mime": mime, "width": picture.width, "height": picture.height}, [data]


def fit_of(options: Mapping[str, Any]) -> Fit:
    """Return the fit that a job's options describe."""
    return Fit(Size(*options["request"]), Box(*options["box"]))


def _visible(image: Image.Image) -> Image.Image:
    """Decode; transparency stays when there is any, since some pictures are asked to have it."""
    if image.mode not in {"RGBA", "LA", "PA"} and "transparency" not in image.info:
        return prepare(image, max(image.size))
    picture = image.convert("RGBA")
    lowest, highest = picture.getchannel("A").getextrema()
    if not isinstance(highest, int) or highest < INVISIBLE:
        raise RefusedError("media-generated-empty")
    if lowest == 255:
        return prepare(image, max(image.size))
    picture.info.clear()
    return picture


def _padding(picture: Image.Image, request: Size) -> Image.Image:
    """Return the picture stretched over the whole size and blurred beyond recognition."""
    small = picture.resize((64, 64), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(64 * PADDING_BLUR))
    return small.resize(request, Image.Resampling.BICUBIC)
