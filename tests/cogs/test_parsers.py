"""What discord.py cannot read is passed over."""

from __future__ import annotations

import discord
import pytest

from cogs._parsers import pass_over_unreadable_events


async def test_unreadable_event_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A message without what messages have is logged by its event's name; a READY like that is no session."""
    client = discord.Client(intents=discord.Intents.none())
    pass_over_unreadable_events(client)
    parsers = client._connection.parsers  # pyright: ignore[reportPrivateUsage]
    parsers["MESSAGE_CREATE"]({"id": "1", "application": None})
    assert "MESSAGE_CREATE" in caplog.text
    with pytest.raises(KeyError):
        parsers["READY"]({})
