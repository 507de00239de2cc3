"""What Discord and the proxies in front of it say of waiting."""

from __future__ import annotations

import pytest

from cogs._rest import LONGEST_PAUSE_SECONDS, pause_of


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0.35", 0.35),
        ("", 1.0),
        ("soon", 1.0),
        ("nan", 1.0),
        ("-3", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Sun, 21 Oct 2125 07:28:00 GMT", LONGEST_PAUSE_SECONDS),
    ],
)
def test_retry_after_is_read_in_all_its_forms(header: str, seconds: float) -> None:
    """Seconds, a date, or nothing that can be read; never for longer than an hour."""
    assert pause_of(header) == pytest.approx(seconds)  # pyright: ignore[reportUnknownMemberType]
