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


async def test_after_the_pause_one_call_tries_first() -> None:
    """The others wait until it was paid, or for the time that it may take."""
    now = [0.0]

    async def tell_owner(code: str) -> None:
        """Tell nobody."""

    pause = CreditPause(tell_owner, now=lambda: now[0])
    await pause.begin(CreditError("no-credit"))
    now[0] += 301
    pause.check_call()
    with pytest.raises(CreditError):
        pause.check_call()
    now[0] += 31
    pause.check_call()
    pause.end()
    pause.check_call()
    pause.check_call()
