"""What the studio's children may answer; anything else is nonsense."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from services.media.studio_types import MaskNote, Mime

Percentage = Annotated[float, Field(ge=0, le=100)]


class PictureFacts(BaseModel):
    mime: Mime
    width: PositiveInt
    height: PositiveInt


class SimilarityFacts(BaseModel):
    overall: Percentage
    structure: Percentage
    colour: Percentage
    edges: Percentage


class AnySimilarities(BaseModel):
    scores: list[SimilarityFacts]


class StripFacts(BaseModel):
    shown: list[NonNegativeInt]


class MaskFacts(BaseModel):
    share: Annotated[float, Field(ge=0, le=1)]
    notes: list[MaskNote]


class SheetFacts(BaseModel):
    times: Annotated[list[NonNegativeFloat], Field(min_length=1, max_length=9)]
    seconds: NonNegativeFloat


class FrameFacts(BaseModel):
    time: NonNegativeFloat
