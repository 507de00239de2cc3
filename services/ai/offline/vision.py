"""Vision without a model server: what can be measured, read and counted in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.ai.offline.answers import Sights, validated
from services.ai.offline.lookup import Lookup, passages_of
from services.ai.offline.model_children import ModelChildren
from services.ai.offline.wording import Wording
from services.ai.protocols import LabelledReading, Picture, Reply
from services.domain import Description, Moment, Spend
from services.settings import LOCAL_MODELS

MODEL = LOCAL_MODELS["vision"]
LOOK = "services.ai.offline.child.seeing:look"


class OfflineVision:
    """Implements `VisionModel`.

    Args:
        children: Where the models run.
        seconds: For one picture.
    """

    def __init__(self, children: ModelChildren, *, seconds: float) -> None:
        self._children = children
        self._seconds = seconds

    async def describe(
        self, pictures: Sequence[Picture], *, question: str, language: str, person: str
    ) -> Reply[Description]:
        """Measure and read one picture, or the moments of one animation; a question is looked up in that."""
        del person  # Nothing leaves this machine.
        sights = await self._look(pictures)
        wording = Wording(language)
        description = wording.description(pictures, sights)
        if question.strip():
            passages = passages_of([LabelledReading("", description)])
            description = replace(description, answer=Lookup(language).remark(question, passages))
        return Reply(description, _spend())

    async def describe_frames(
        self, frames: Sequence[Picture], *, question: str, earlier: str, language: str, person: str
    ) -> Reply[tuple[Moment, ...]]:
        """Say of each frame what it looks like, what is written in it and how much has changed."""
        del question, earlier, person  # It sees the same, whatever is asked.
        sights = await self._look(frames)
        wording = Wording(language)
        moments = tuple(
            Moment(
                time=frame.time or 0.0,
                text=wording.frame(frame, sight, is_first=number == 0),
                visible_text="\n".join(line.text for line in sight.lines),
            )
            for number, (frame, sight) in enumerate(zip(frames, sights.pictures, strict=True))
        )
        return Reply(moments, _spend())

    async def _look(self, pictures: Sequence[Picture]) -> Sights:
        told = [{"mime": each.mime, "width": each.width, "height": each.height} for each in pictures]
        result = await self._children.ask(
            LOOK,
            {"pictures": told},
            [each.data for each in pictures],
            seconds=self._seconds * len(pictures),
        )
        return validated(Sights, result)


def _spend() -> Spend:
    return Spend("vision", MODEL, 0, 0, 0, 0.0)
