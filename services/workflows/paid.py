"""Every model call goes through here: budget before, spend after, pauses when money or server are gone."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.ai.breakers import Breakers
from services.ai.protocols import Reply
from services.ai.sent import Sent, watching
from services.budget import Budget
from services.credit_pause import CreditPause
from services.domain import JobRequest, Spend
from services.errors import AccessError, BotError, CreditError
from services.operating.metrics import Metrics
from services.store.database import through_outages

T = TypeVar("T")

_ANSWERED_BADLY = frozenset({"model-broken-reply", "model-cut-short"})
"""Codes of answers that came, and were paid for, but of which nobody can tell what they cost."""
_CUT_OFF = frozenset({"model-unreachable", "model-too-slow"})
"""Codes of calls whose answer, if it had begun, was lost on its way or not waited for to its end."""


class PaidCalls:
    """Makes model calls on behalf of a person, within the budgets."""

    def __init__(self, *, budget: Budget, pause: CreditPause, breakers: Breakers, metrics: Metrics) -> None:
        self._budget = budget
        self._pause = pause
        self._breakers = breakers
        self._metrics = metrics

    async def call(
        self,
        request: JobRequest,
        *,
        role: str,
        model: str,
        estimate: float | None,
        make: Callable[[], Awaitable[Reply[T]]],
    ) -> Reply[T]:
        """Make one call.

        Args:
            estimate: USD set aside before the call; None when the price is unknown.
            make: The call itself.

        Raises:
            BudgetError: A limit would be passed; nothing was called.
            CreditError: Paid work of the role's account is paused.
            BusyError: The role's server is away.
            BotError: Whatever the call raises.
        """
        self._pause.check_role(role)  # Outside of the guard: that nothing is called says nothing of the server.
        async with self._breakers.of(role).guard():
            return await self._call(request, role=role, model=model, estimate=estimate, make=make)

    async def _call(
        self,
        request: JobRequest,
        *,
        role: str,
        model: str,
        estimate: float | None,
        make: Callable[[], Awaitable[Reply[T]]],
    ) -> Reply[T]:
        self._pause.check_call(role)
        # Here rather than by the step: one file of an album that fails leaves the others alone.
        reservation = await through_outages(
            lambda: self._budget.reserve(request, role=role, model=model, estimate=estimate)
        )
        begun = time.monotonic()
        sent = Sent()
        try:
            with watching() as sent:
                reply = await make()
        except BotError as error:
            is_paid = error.code in _ANSWERED_BADLY and sent.anything
            is_paid |= error.code in _CUT_OFF and sent.is_answered
            if error.spend is None and is_paid and estimate != 0:
                error.spend = Spend(role, model, 0, 0, 0, None)
            self._metrics.model_called(role, error.code, time.monotonic() - begun, error.spend)
            if isinstance(error, CreditError):
                await self._pause.begin(role, error)
            elif isinstance(error, AccessError):
                await self._pause.close(role, error)
            spend = error.spend
            if spend is None:
                await through_outages(lambda: self._budget.release(reservation))
            else:
                await through_outages(lambda: self._budget.settle(reservation, spend))
            raise
        except Exception:
            # A defect. Once something was sent it may have been paid for: then the amount stays counted.
            if not sent.anything:
                await through_outages(lambda: self._budget.release(reservation))
            raise
        self._metrics.model_called(role, "ok", time.monotonic() - begun, reply.spend)
        self._pause.end(role)
        # An answer that is paid for is not given up because the database goes away now.
        await through_outages(lambda: self._budget.settle(reservation, reply.spend))
        return reply
