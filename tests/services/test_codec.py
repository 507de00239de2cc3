"""Values survive their way through JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.codec import from_json, to_json
from services.domain import (
    AlbumOutcome,
    Attachment,
    Description,
    FailedOutcome,
    Failure,
    InteractionSource,
    ItemOutcome,
    JobRequest,
    Kind,
    MediaItem,
    MessageSource,
    Origin,
    Outcome,
    Place,
    StoppedOutcome,
)

SNOWFLAKE = 2**63 - 1
ATTACHMENTS = (
    Attachment(MessageSource(SNOWFLAKE, SNOWFLAKE, SNOWFLAKE), "é 🗝.png", 5, "image/png", spoiler=True),
    Attachment(InteractionSource(SNOWFLAKE, 3), "b.ogg", 0, voice=True, author_alt=""),
)
ITEM = MediaItem(ATTACHMENTS[0].source, "a.png", Kind.IMAGE, 5, "ab" * 32)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (JobRequest, JobRequest("job", "w", SNOWFLAKE, Origin(None, 1, None, False), attachments=ATTACHMENTS)),
        (Place, Place(SNOWFLAKE, 2, reply_to=3)),
        (
            Outcome,
            AlbumOutcome(
                "which?",
                (
                    ItemOutcome("a.png", item=ITEM, reading=Description("t", "x", "v", "a")),
                    ItemOutcome("b.ogg", failure=Failure("too-big", {"limit": "5"}, "7KQ2M", True)),
                ),
            ),
        ),
        (Outcome, FailedOutcome(Failure("unexpected"))),
        (Outcome, StoppedOutcome(SNOWFLAKE)),
        (Failure | None, None),
        (list[ItemOutcome], []),
        (type(None), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_come_back_as_they_were(kind: Any, value: object) -> None:
    """Every value that is stored is equal after JSON, of the same class, with its exact ids."""
    back = from_json(kind, json.loads(json.dumps(to_json(kind, value))))
    assert back == value
    assert type(back) is type(value)


def test_text_that_no_database_takes_is_mended() -> None:
    """NUL is left out, halves of a surrogate pair are joined, a lone half is replaced; the rest is kept."""
    stored = to_json(Failure, Failure("a\0b", {"c\0": "\ud83d\ude00 \ud800 👩‍🚀 \u202e"}))
    assert stored["code"] == "ab"
    assert stored["params"] == {"c": "😀 \N{REPLACEMENT CHARACTER} 👩‍🚀 \u202e"}


def test_value_of_another_type_is_refused() -> None:
    """What is not of the type is refused when it is stored, not when it is read back after a crash."""
    with pytest.raises(ValueError, match="Expected `int`"):
        to_json(list[int], [1, "2"])
    with pytest.raises(AttributeError):
        to_json(Place, Failure("unexpected"))
    with pytest.raises(ValidationError):
        from_json(Place, {"channel_id": "not a number"})
