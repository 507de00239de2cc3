"""From a decoded frame to a picture as people see it: upright, square pixels, 8 bits; in sandbox children."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorTrc
from PIL import Image

SMALLEST_SIDE = 32
"""Models refuse smaller pictures; those are enlarged."""
_HIGH_DYNAMIC_RANGE = frozenset({int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)})
_WIDE_TO_SRGB = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
"""From the primaries of BT.2020 to those of sRGB, linear light."""
_PAPER_WHITE = 203.0
"""Candela per square metre of a white page in HDR (ITU-R BT.2408)."""
_HD_LINES = 720
"""From here on, unmarked colours are those of BT.709; below, of BT.601."""
_BT709 = 1
_UNSPECIFIED = 2

Array = np.ndarray[Any, np.dtype[Any]]


def shown_size(width: int, height: int, aspect: float, rotation: int) -> tuple[int, int]:
    """Return width and height of a frame as people see it; pixels that are not square widen it."""
    wide = max(round(width * aspect), 1), height
    return (wide[1], wide[0]) if rotation % 180 else wide


def scaled(frame: av.VideoFrame, aspect: float, long_side: int) -> av.VideoFrame:
    """Return a small copy of a frame, at most `long_side` px, not yet turned; never an enlarged one."""
    width, height = frame.width * aspect, float(frame.height)
    if frame.interlaced_frame and frame.height > 2:
        frame = _one_field(frame)
    factor = min(1.0, long_side / max(width, height))
    deep = frame.color_trc in _HIGH_DYNAMIC_RANGE
    # Twice the least multiple, so that halved colour planes come out even.
    size = [max(round(side * factor / 2) * 2, 2) for side in (width, height)]
    return frame.reformat(
        size[0], size[1], "yuv420p10le" if deep else "yuv420p", interpolation="AREA", threads=1
    )


def picture(small: av.VideoFrame, rotation: int, *, color_trc: int, source_lines: int) -> Image.Image:
    """Return a scaled frame as an upright sRGB picture.

    Args:
        small: From `scaled`.
        rotation: Degrees counter-clockwise.
        color_trc: Transfer of the original frame.
        source_lines: Height of the original frame.
    """
    if color_trc in _HIGH_DYNAMIC_RANGE:
        deep = small.reformat(format="rgb48le", interpolation="AREA", threads=1).to_ndarray()
        image = Image.fromarray(_tone_mapped(deep, color_trc))
    else:
        is_unmarked_hd = small.colorspace == _UNSPECIFIED and source_lines >= _HD_LINES
        plain = small.reformat(format="rgb24", src_colorspace=_BT709 if is_unmarked_hd else None, threads=1)
        image = Image.fromarray(plain.to_ndarray())
    if rotation % 360:
        image = image.rotate(rotation, expand=True)
    if (least := min(image.size)) < SMALLEST_SIDE:
        factor = -(-SMALLEST_SIDE // least)
        image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.info.clear()
    return image


def _one_field(frame: av.VideoFrame) -> av.VideoFrame:
    """Return every other line: the two fields of an interlaced frame are two moments."""
    plain = frame.reformat(format="yuv420p", threads=1)
    width, height = plain.width // 2 * 2, plain.height // 4 * 4
    planes: list[Array] = []
    for index, plane in enumerate(plain.planes):
        lines = np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)
        columns, rows = (width, height) if index == 0 else (width // 2, height // 2)
        planes.append(lines[:rows:2, :columns].ravel())
    packed = np.concatenate(planes).reshape(height // 2 * 3 // 2, width)
    field = av.VideoFrame.from_ndarray(packed, format="yuv420p")
    field.colorspace, field.color_range, field.color_trc = frame.colorspace, frame.color_range, frame.color_trc
    return field


def _tone_mapped(deep: Array, color_trc: int) -> Array:
    """Bring PQ or HLG into the range of ordinary screens: highlights are compressed, paper stays white."""
    signal = deep.astype(np.float32) / 65_535
    if color_trc == int(ColorTrc.SMPTE2084):
        root = np.power(signal, 1 / 78.84375)
        light = np.power(np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root), 1 / 0.1593017578125)
        light *= 10_000 / _PAPER_WHITE
    else:
        bright = (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
        light = np.where(signal <= 0.5, signal * signal / 3, bright)
        luminance = light @ np.array([0.2627, 0.678, 0.0593], dtype=np.float32)
        light = light * np.power(np.maximum(luminance, 1e-6), 0.2)[..., None] * (1000 / _PAPER_WHITE)
    light = np.maximum(light @ _WIDE_TO_SRGB.T, 0)
    brightest = light.max(axis=2, keepdims=True)
    light *= (1 + brightest / 16) / (1 + brightest)  # Reinhard's curve, on the strongest colour to keep hues.
    light *= 1.6
    curved = 1.055 * np.power(np.maximum(light, 1e-6), 1 / 2.4) - 0.055
    encoded = np.asarray(np.where(light <= 0.0031308, light * 12.92, curved), dtype=np.float32)
    return (np.clip(encoded, 0, 1) * 255 + 0.5).astype(np.uint8)
