"""The pictures of a refinement: its original, its candidates, what is asked of models, and what is shown."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.ai.protocols import Picture
from services.catalogue import Catalogue
from services.domain import Attachment, Kind, Outline, Refinement, RefineRound, StoredFile
from services.errors import MediaError, UserError
from services.media.picture_studio import PictureStudio
from services.media.sizes import Fit, Size, SizeRule, fit
from services.media.studio_types import Chart, Mask, Panel, Shape, StudioPicture
from services.refining import best_round
from services.settings import ImageSettings
from services.store.blobs import BlobRepository
from services.workflows.sources import MediaSources

WORKING_LONG_SIDE = 2048
"""More than any model paints; less to carry around than what cameras make."""
LEAST_SIDE = 32
"""Pixels; on less there is nothing to compare."""
JUDGE_LONG_SIDE = 1568
KEPT_SECONDS = 24 * 3600
ORIGINALS_KEPT = 4
_SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What an original is."""

    kind: Kind
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The moments of an animation to choose from."""

    file: StoredFile
    times: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MaskMade:
    """A mask with what it lets change, waiting to be confirmed."""

    mask: StoredFile
    overlay: StoredFile
    share: float
    notes: tuple[str, ...]


class RefinePictures:
    """Fetches pictures anew from where they stand, and makes those that are shown."""

    def __init__(
        self,
        *,
        sources: MediaSources,
        studio: PictureStudio,
        blobs: BlobRepository,
        catalogue: Catalogue,
        image: ImageSettings,
    ) -> None:
        self._sources = sources
        self._studio = studio
        self._blobs = blobs
        self._catalogue = catalogue
        sizes = tuple(Size(*map(int, each.split("x"))) for each in image.sizes)
        self._rule = SizeRule(fixed=sizes)
        self._originals: OrderedDict[tuple[int, float | None], Picture] = OrderedDict()

    async def look(self, attachment: Attachment) -> Seen:
        """Tell what the original is.

        Raises:
            UserError: It is a recording, or too small.
            MediaError: It is gone or cannot be read.
        """
        prepared = await self._sources.pictures(attachment, long_side=WORKING_LONG_SIDE)
        if prepared is None:
            raise UserError("refine-recording")
        if min(prepared.width, prepared.height) < LEAST_SIDE:
            raise UserError(
                "refine-too-small", size=f"{prepared.width} x {prepared.height}", least=str(LEAST_SIDE)
            )
        if prepared.kind is Kind.IMAGE:
            self._keep(attachment, None, prepared.pictures[0])
        return Seen(prepared.kind, prepared.width, prepared.height)

    async def sheet(self, attachment: Attachment) -> Sheet:
        """Draw an animation's moments with their numbers."""
        drawn = await self._studio.frame_sheet(await self._bytes(attachment))
        alt = self._catalogue.text("refine-sheet-alt", count=len(drawn.times))
        return Sheet(await self._stored("frames", drawn.picture, alt), drawn.times)

    async def original(self, refinement: Refinement) -> Picture:
        """Return the original as it is worked on: upright, without metadata, at most 2048 px."""
        key = (refinement.original.source.attachment_id, refinement.frame_seconds)
        if (known := self._originals.get(key)) is not None:
            self._originals.move_to_end(key)
            return known
        if refinement.frame_seconds is None:
            prepared = await self._sources.pictures(refinement.original, long_side=WORKING_LONG_SIDE)
            if prepared is None:
                raise UserError("refine-recording")
            picture = prepared.pictures[0]
        else:
            data = await self._bytes(refinement.original)
            frame = await self._studio.frame(data, refinement.frame_seconds, long_side=WORKING_LONG_SIDE)
            picture = as_picture(frame.picture)
        self._keep(refinement.original, refinement.frame_seconds, picture)
        return picture

    async def candidate(self, round_: RefineRound) -> bytes:
        """Return the picture of a round, from where it waits or from its message."""
        kept = await self._blobs.get(round_.picture.sha256)
        if kept is not None:
            return kept
        if round_.posted is None:
            raise MediaError("media-gone")
        return await self._bytes(round_.posted)

    def fit(self, picture: Picture) -> Fit:
        """Return the size to ask an image model for, and how the picture lies in it."""
        return fit(Size(picture.width, picture.height), self._rule)

    async def for_edit(self, refinement: Refinement) -> tuple[list[Picture], bytes | None]:
        """Return what goes along with an edit: original, best candidate, reference; and the mask.

        Never a copy of a copy: the original always comes first, laid into the size that is asked for.
        """
        original = await self.original(refinement)
        fitted = self.fit(original)
        pictures = [as_picture(await self._studio.prepare_edit(original.data, fitted))]
        if (best := best_round(refinement.rounds)) is not None and refinement.wish.start == "edit":
            pictures.append(as_picture(await self._studio.clean(await self.candidate(best))))
        mask = None if refinement.mask is None else await self._bytes(refinement.mask)
        return [*pictures, *await self.references(refinement)], mask

    async def references(self, refinement: Refinement) -> list[Picture]:
        """Return the picture to go by, if there is one."""
        if refinement.wish.reference is None:
            return []
        prepared = await self._sources.pictures(refinement.wish.reference)
        if prepared is None:
            raise UserError("refine-recording")
        return list(prepared.pictures[:1])

    async def clean(self, generated: bytes, fitted: Fit, number: int) -> tuple[StoredFile, StudioPicture]:
        """Check and keep what an image model drew, in the original's shape."""
        picture = await self._studio.clean(generated, fitted)
        return await self._stored(f"round-{number}", picture, ""), picture

    async def for_judge(self, data: bytes) -> Picture:
        """Return a candidate as a judge sees it."""
        return as_picture(await self._studio.clean(data))

    async def measure(self, refinement: Refinement, round_picture: StoredFile) -> float:
        """Measure how alike a candidate that waits is to the original, 0 to 100."""
        original = await self.original(refinement)
        data = await self._blobs.get(round_picture.sha256)
        if data is None:
            raise MediaError("media-gone")
        [similarity] = await self._studio.measure(original.data, [data])
        return similarity.overall

    async def mask(self, refinement: Refinement, shapes: Sequence[Outline] | None) -> MaskMade:
        """Make the mask out of shapes, or of the uploaded file; show what it lets change."""
        original = await self.original(refinement)
        fitted = self.fit(original)
        if shapes is not None:
            made = await self._studio.mask_from_shapes([Shape(each) for each in shapes], fitted)
        else:
            assert refinement.wish.mask_file is not None, "a mask comes from words or from a file"
            data = await self._bytes(refinement.wish.mask_file)
            made = await self._studio.read_mask(data, width=original.width, height=original.height, fit=fitted)
        return await self._with_overlay(original, made, fitted)

    async def _with_overlay(self, original: Picture, made: Mask, fitted: Fit) -> MaskMade:
        overlay = await self._studio.overlay(original.data, made, fitted)
        share = f"{made.share:.0%}"
        return MaskMade(
            await self._stored("mask", made.picture, self._catalogue.text("refine-mask-alt", share=share)),
            await self._stored("overlay", overlay, self._catalogue.text("refine-overlay-alt", share=share)),
            made.share,
            made.notes,
        )

    async def board(self, refinement: Refinement) -> tuple[StoredFile, ...]:
        """Draw the strip and the chart of all rounds."""
        text, rounds = self._catalogue.text, refinement.rounds
        best = best_round(rounds)
        at = None if best is None else rounds.index(best)
        original = await self.original(refinement)
        candidates = await asyncio.gather(*map(self.candidate, rounds))
        strip = await self._studio.strip(
            original.data,
            title=text("refine-original"),
            panels=[
                Panel(
                    data,
                    str(each.number),
                    text("refine-judged", score=round(each.judged)),
                    text("refine-measured", score=round(each.measured)),
                )
                for each, data in zip(rounds, candidates, strict=True)
            ],
            best=at,
            best_label=text("refine-best"),
        )
        scores = ", ".join(f"{each.number}: {each.judged:.0f}" for each in rounds)
        strip_alt = text("refine-strip-alt", count=len(rounds), scores=scores, best=best.number if best else 0)
        files = [await self._stored("strip", strip.picture, strip_alt)]
        chart = Chart(
            judged=[each.judged for each in rounds],
            measured=[each.measured for each in rounds],
            best=at,
            judged_label=text("refine-chart-judged"),
            measured_label=text("refine-chart-measured"),
            best_label=text("refine-best"),
            round_label=text("refine-chart-round"),
            similarity_label=text("refine-chart-similarity"),
        )
        measured = ", ".join(f"{each.number}: {each.measured:.0f}" for each in rounds)
        chart_alt = text("refine-chart-alt", judged=scores, measured=measured)
        return (*files, await self._stored("chart", await self._studio.chart(chart), chart_alt))

    async def stored_original(self, refinement: Refinement) -> StoredFile:
        """Keep the original as a file to be posted."""
        picture = await self.original(refinement)
        digest = await self._blobs.put(picture.data, seconds=KEPT_SECONDS)
        alt = refinement.reading.alt_text if refinement.reading else refinement.title
        return StoredFile(f"original.{_SUFFIX[picture.mime]}", digest, alt or refinement.original.filename)

    async def stored_candidate(self, round_: RefineRound) -> StoredFile:
        """Keep a round's picture as a file to be posted."""
        digest = await self._blobs.put(await self.candidate(round_), seconds=KEPT_SECONDS)
        return replace(round_.picture, sha256=digest)

    async def forget(self, rounds: Sequence[RefineRound]) -> None:
        """Forget the bytes of candidates whose messages stand."""
        for each in rounds:
            if each.posted is not None:
                await self._blobs.delete(each.picture.sha256)

    async def _bytes(self, attachment: Attachment) -> bytes:
        async with self._sources.fetch(attachment) as (file, _):
            return await asyncio.to_thread(file.path.read_bytes)

    async def _stored(self, name: str, picture: StudioPicture, alt: str) -> StoredFile:
        digest = await self._blobs.put(picture.data, seconds=KEPT_SECONDS)
        return StoredFile(f"{name}.{_SUFFIX[picture.mime]}", digest, alt)

    def _keep(self, attachment: Attachment, frame: float | None, picture: Picture) -> None:
        self._originals[attachment.source.attachment_id, frame] = picture
        while len(self._originals) > ORIGINALS_KEPT:
            self._originals.popitem(last=False)


def as_picture(picture: StudioPicture) -> Picture:
    """Return what the studio made as models take it."""
    return Picture(picture.data, picture.mime, picture.width, picture.height)
