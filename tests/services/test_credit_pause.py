"""Paid work pauses when the account is empty."""

from __future__ import annotations

import logging

import pytest

from services.credit_pause import CreditPause
from services.errors import CreditError


async def test_pause_holds_and_the_owner_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Once a call could not be paid nothing is tried; the log says so once, until a call is paid again."""
    told: list[str] = []

    async def tell_owner(code: str) -> None:
        told.append(code)

    pause = CreditPause(tell_owner)
    pause.check()
    with caplog.at_level(logging.CRITICAL):
        await pause.begin(CreditError("no-credit"))
        await pause.begin(CreditError("no-credit"))
        with pytest.raises(CreditError, match="credit-paused"):
            pause.check()
        assert len(caplog.records) == 1
        pause.end()
        pause.check()
        await pause.begin(CreditError("no-credit"))
    assert len(caplog.records) == 2
    assert told == ["no-credit", "no-credit"]
