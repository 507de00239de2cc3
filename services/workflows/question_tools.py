"""The tools with which a model goes back to the media of a conversation: their names and arguments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.ai.protocols import Tool
from services.ai.schemas import StrictFields

MOST_FRAMES = 6
Item = Annotated[int, Field(ge=1, description="Number of the item, as its reading says")]
Seconds = Annotated[float, Field(ge=0, description="Seconds from the beginning")]
Share = Annotated[float, Field(ge=0, le=1)]


class LookFields(StrictFields):
    """Arguments of `look`."""

    item: Item
    question: Annotated[str, Field(description="What to find out, in one sentence that stands alone")]
    at: Annotated[Seconds | None, Field(description="Seconds; of a video or an animation only, else null")]
    box: Annotated[
        Annotated[list[Share], Field(min_length=4, max_length=4)] | None,
        Field(description="Left, top, right, bottom, each 0 to 1 of the whole; null for all of it"),
    ]


class FramesFields(StrictFields):
    """Arguments of `frames`."""

    item: Item
    start: Seconds
    end: Seconds
    count: Annotated[int, Field(ge=1, le=MOST_FRAMES)]


class ListenFields(StrictFields):
    """Arguments of `listen`."""

    item: Item
    start: Seconds
    end: Seconds


class SearchFields(StrictFields):
    """Arguments of `search`."""

    words: str


class CompareFields(StrictFields):
    """Arguments of `compare`."""

    items: Annotated[list[Item], Field(min_length=2, max_length=2)]
    question: Annotated[str, Field(description="What to compare, in one sentence that stands alone")]


class CorrectFields(StrictFields):
    """Arguments of `correct`."""

    item: Item
    text: Annotated[str, Field(description="What is right, in the asker's words")]


class DrawFields(StrictFields):
    """Arguments of `draw`."""

    item: Item
    instruction: str


LOOK = Tool(
    "look",
    "Looks again, closely, at an item: at a box of it in full resolution, or at one time of a video.",
    LookFields,
)
FRAMES = Tool("frames", "Looks at several frames of a video between two times.", FramesFields)
LISTEN = Tool("listen", "Listens again to a stretch of a recording or a video, word for word.", ListenFields)
SEARCH = Tool("search", "Searches all readings and messages of this conversation.", SearchFields)
COMPARE = Tool("compare", "Looks at two items side by side.", CompareFields)
CORRECT = Tool("correct", "Changes a reading when the asker says that it is wrong.", CorrectFields)
DRAW = Tool("draw", "Offers the asker a button with which an item is drawn anew.", DrawFields)
BY_NAME = {each.name: each for each in (LOOK, FRAMES, LISTEN, SEARCH, COMPARE, CORRECT, DRAW)}
