"""The picture work of a refinement, asked for from outside the sandbox: bytes in, checked bytes out."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.errors import MediaError
from services.media._leftovers import FOLDER_PREFIX
from services.media._studio_answers import (
    AnySimilarities,
    FrameFacts,
    MaskFacts,
    PictureFacts,
    SheetFacts,
    StripFacts,
)
from services.media.sandbox import ChildResult, Sandbox
from services.media.sizes import Fit
from services.media.sniff import HEAD_BYTES, sniff
from services.media.studio_types import (
    Chart,
    Frame,
    FrameSheet,
    Mask,
    Panel,
    Shape,
    Similarity,
    Strip,
    StudioPicture,
)
from services.settings import LimitSettings

log = logging.getLogger(__name__)

STUDIO_MODULES = (
    "services.media.similarity",
    "services.media.strip",
    "services.media.chart",
    "services.media.masks",
    "services.media.generated",
    "services.media.frames",
)
"""What a sandbox should preload besides `services.media.images`."""
POSTED_BYTES = 8 * 1000 * 1000
"""Below Discord's limit for every server, with room for other files of the message."""
MASK_BYTES = 4 * 1000 * 1000
"""What image models take."""
OF_A_MODEL = {
    "media-broken": "media-generated-broken",
    "media-unknown": "media-generated-broken",
    "media-unsupported": "media-generated-broken",
    "media-decoder-died": "media-generated-broken",
    "media-empty": "media-generated-empty",
    "media-too-big": "media-generated-too-big",
    "media-too-many-pixels": "media-generated-too-big",
    "media-too-complex": "media-generated-too-big",
    "media-took-too-long": "media-generated-too-big",
}
"""A person cannot mend what a model returned, so that has sentences of its own."""
Facts = TypeVar("Facts", bound=BaseModel)


class PictureStudio:
    """Measures, draws, masks and cleans pictures in sandbox children.

    Every method takes files as strangers or models made them. All may raise `MediaError`: a file is
    broken, of no known kind, or beyond the limits.
    """

    def __init__(self, *, sandbox: Sandbox, limits: LimitSettings) -> None:
        self._sandbox = sandbox
        self._limits = limits

    async def prepare_edit(self, original: bytes, fit: Fit) -> StudioPicture:
        """Lay the original into the size that is asked of an image model: upright, sRGB, PNG."""
        result = await self._run("generated:prepare_edit", {"original": original}, _fit_options(fit))
        return _picture(result)

    async def clean(
        self, generated: bytes, fit: Fit | None = None, *, max_bytes: int = POSTED_BYTES
    ) -> StudioPicture:
        """Check what an image model returned, and bring it back to the original's shape.

        Args:
            generated: Its bytes.
            fit: How the original lay in what was asked for; None leaves the shape as it is.
            max_bytes: Of the result, which is PNG, else JPEG, or WebP where it is transparent.

        Raises:
            MediaError: `media-generated-broken`, `media-generated-empty` or `media-generated-too-big`.
        """
        options = {"max_bytes": max_bytes} | (_fit_options(fit) if fit else {})
        try:
            return _picture(await self._run("generated:clean", {"generated": generated}, options))
        except MediaError as error:
            raise MediaError(OF_A_MODEL.get(error.code, error.code)) from None

    async def measure(self, original: bytes, candidates: Sequence[bytes]) -> tuple[Similarity, ...]:
        """Measure how alike each candidate is to the original."""
        files = {"original": original}
        result = await self._run("similarity:measure", files, {}, lists={"candidates": candidates})
        facts = _facts(AnySimilarities, result)
        if len(facts.scores) != len(candidates):
            raise _nonsense()
        return tuple(Similarity(each.overall, each.structure, each.colour, each.edges) for each in facts.scores)

    async def strip(
        self,
        original: bytes,
        *,
        title: str,
        panels: Sequence[Panel],
        best: int | None,
        best_label: str,
        max_bytes: int = POSTED_BYTES,
    ) -> Strip:
        """Draw the original and the rounds' pictures side by side, with their scores.

        Args:
            original: The original picture.
            title: Stands under it.
            panels: One a round, in order.
            best: Index of the best one, which is framed.
            best_label: The word beside its title.
            max_bytes: Of the result.
        """
        names = _names("candidates", len(panels))
        sources = [_source(name, each.data) for name, each in zip(names, panels, strict=True)]
        options: dict[str, Any] = {
            "original": {"source": _source("original", original), "title": title},
            "candidates": [
                {"source": source, "title": each.title, "judged": each.judged, "measured": each.measured}
                for source, each in zip(sources, panels, strict=True)
            ],
            "best": -1 if best is None else best,
            "best_label": best_label,
            "max_bytes": max_bytes,
        }
        files = {"original": original} | dict(zip(names, (each.data for each in panels), strict=True))
        result = await self._child("strip:draw_strip", files, options)
        facts = _facts(StripFacts, result)
        if any(index >= len(panels) for index in facts.shown):
            raise _nonsense()
        return Strip(_picture(result), tuple(facts.shown))

    async def chart(self, chart: Chart) -> StudioPicture:
        """Draw judged and measured similarity over the rounds, as PNG."""
        labels = {
            "judged": chart.judged_label,
            "measured": chart.measured_label,
            "best": chart.best_label,
            "round": chart.round_label,
            "similarity": chart.similarity_label,
        }
        options = {
            "judged": list(chart.judged),
            "measured": list(chart.measured),
            "best": -1 if chart.best is None else chart.best,
            "labels": labels,
        }
        return _picture(await self._child("chart:draw_chart", {}, options))

    async def read_mask(self, mask: bytes, *, width: int, height: int, fit: Fit) -> Mask:
        """Understand an uploaded mask.

        Args:
            mask: Its transparent parts change; without transparency its light parts do.
            width: Of the original as people see it, px.
            height: Of the original as people see it, px.
            fit: How the original lies in what is asked for.

        Raises:
            MediaError: `media-mask-empty` or `media-mask-everything`.
        """
        options = _fit_options(fit) | {"width": width, "height": height}
        return _mask(await self._run("masks:read_mask", {"mask": mask}, options))

    async def mask_from_shapes(self, shapes: Sequence[Shape], fit: Fit) -> Mask:
        """Make a mask from what a vision model pointed at.

        Raises:
            MediaError: `media-mask-empty` or `media-mask-everything`.
        """
        options = _fit_options(fit) | {"shapes": [[list(point) for point in each.points] for each in shapes]}
        return _mask(await self._child("masks:mask_from_shapes", {}, options))

    async def overlay(self, original: bytes, mask: Mask, fit: Fit) -> StudioPicture:
        """Show on the original what a mask lets change, so that a person can confirm it."""
        files = {"original": original, "mask": mask.picture.data}
        return _picture(await self._run("masks:draw_overlay", files, _fit_options(fit)))

    async def frame_sheet(self, animation: bytes) -> FrameSheet:
        """Draw up to nine moments of an animation with their numbers, to choose one."""
        result = await self._run("frames:frame_sheet", {"animation": animation}, {})
        facts = _facts(SheetFacts, result)
        return FrameSheet(_picture(result), tuple(facts.times), facts.seconds)

    async def frame(self, animation: bytes, time: float, *, long_side: int) -> Frame:
        """Return the frame that an animation shows at a time (s), as PNG of at most `long_side` px."""
        options = {"time": time, "long_side": long_side}
        result = await self._run("frames:frame", {"animation": animation}, options)
        return Frame(_picture(result), _facts(FrameFacts, result).time)

    async def _run(
        self,
        function: str,
        files: Mapping[str, bytes],
        options: Mapping[str, Any],
        *,
        lists: Mapping[str, Sequence[bytes]] | None = None,
    ) -> ChildResult:
        """Run a function whose options name each file under its own key."""
        written, named = dict(files), dict(options)
        named |= {name: _source(name, data) for name, data in files.items()}
        for key, several in (lists or {}).items():
            names = _names(key, len(several))
            written |= dict(zip(names, several, strict=True))
            named[key] = [_source(name, data) for name, data in zip(names, several, strict=True)]
        return await self._child(function, written, named)

    async def _child(
        self, function: str, files: Mapping[str, bytes], options: Mapping[str, Any]
    ) -> ChildResult:
        options = dict(options) | {"max_pixels": self._limits.image_pixels}
        async with _folder(files) as folder:
            return await self._sandbox.run(f"services.media.{function}", folder / "unnamed", options)


@asynccontextmanager
async def _folder(files: Mapping[str, bytes]) -> AsyncGenerator[Path]:
    """Write files into a private folder that ends with the job."""
    with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for file, data in files.items():
            await asyncio.to_thread((folder / file).write_bytes, data)
        yield folder


def _names(key: str, count: int) -> list[str]:
    return [f"{key}-{index}" for index in range(count)]


def _source(name: str, data: bytes) -> dict[str, str]:
    """Return how a job's options name a file.

    Raises:
        MediaError: It is no picture.
    """
    if not data:
        raise MediaError("media-empty")
    found = sniff(data[:HEAD_BYTES])
    if found is None:
        raise MediaError("media-unknown")
    if found.family != "picture":
        raise MediaError("media-unsupported", what=found.name)
    return {"file": name, "decoder": found.decoder}


def _fit_options(fit: Fit) -> dict[str, Any]:
    return {"request": list(fit.request), "box": list(fit.box)}


def _facts(kind: type[Facts], result: ChildResult) -> Facts:
    """Check what the child said: it may have been taken over by the file."""
    try:
        return kind.model_validate(result.facts, strict=True)
    except ValidationError:
        raise _nonsense() from None


def _picture(result: ChildResult) -> StudioPicture:
    facts = _facts(PictureFacts, result)
    if len(result.payloads) != 1:
        raise _nonsense()
    data = result.payloads[0]
    found = sniff(data[:HEAD_BYTES])
    if found is None or f"image/{found.name}" != facts.mime:
        raise _nonsense()
    return StudioPicture(data, facts.mime, facts.width, facts.height)


def _mask(result: ChildResult) -> Mask:
    facts = _facts(MaskFacts, result)
    picture = _picture(result)
    if picture.mime != "image/png" or len(picture.data) > MASK_BYTES:
        raise _nonsense()
    return Mask(picture, facts.share, tuple(facts.notes))


def _nonsense() -> MediaError:
    log.warning("A decoding child answered nonsense")
    return MediaError("media-decoder-died")
