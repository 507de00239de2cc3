"""Moderation without a server: a score for nudity in photos, and nothing else."""

from __future__ import annotations

from services.ai.offline.answers import Judgement, validated
from services.ai.offline.model_children import ModelChildren
from services.ai.protocols import Picture, Reply, Verdict
from services.domain import Spend
from services.settings import LOCAL_MODELS

MODEL = LOCAL_MODELS["moderation"]
JUDGE = "services.ai.offline.child.safety:judge"
FLAGGED_FROM = 0.8
"""What the model's authors call surely unfit; below 0.2 is surely fit, and between nobody knows."""


class OfflineModerator:
    """Implements `Moderator` for pictures; texts are left to the server's own AutoMod.

    Args:
        children: Where the model runs.
        seconds: For one picture.
    """

    def __init__(self, children: ModelChildren, *, seconds: float) -> None:
        self._children = children
        self._seconds = seconds

    async def judge_picture(self, picture: Picture) -> Reply[Verdict]:
        """Judge a picture before the bot posts it."""
        options = {"picture": {"mime": picture.mime, "width": picture.width, "height": picture.height}}
        result = await self._children.ask(JUDGE, options, [picture.data], seconds=self._seconds)
        flagged = validated(Judgement, result).score >= FLAGGED_FROM
        return Reply(Verdict(flagged, ("sexual",) if flagged else ()), _spend())

    async def judge_text(self, text: str) -> Reply[Verdict]:
        """Flag nothing: no small model judges texts well enough to be trusted with it."""
        del text
        return Reply(Verdict(flagged=False, categories=()), _spend())


def _spend() -> Spend:
    return Spend("moderation", MODEL, 0, 0, 0, 0.0)
