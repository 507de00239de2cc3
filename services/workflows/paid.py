"""Every model call goes through here: budget before, spend after, a pause when the money is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.ai.protocols import Reply
from services.budget import Budget
from services.credit_pause import CreditPause
from services.domain import JobRequest
from services.errors import BotError, CreditError
from services.store.database import through_outages

T = TypeVar("T")


class PaidCalls:
    """Makes model calls on behalf of a person, within the budgets."""

    def __init__(self, *, budget: Budget, pause: CreditPause) -> None:
        self._budget = budget
        self._pause = pause

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
            CreditError: Paid work is paused.
            BotError: Whatever the call raises.
        """
        self._pause.check()
        reservation = await self._budget.reserve(request, role=role, model=model, estimate=estimate)
        try:
            reply = await make()
        except BotError as error:
            if isinstance(error, CreditError):
                await self._pause.begin(error)
            spend = error.spend
            if spend is None:
                await through_outages(lambda: self._budget.release(reservation))
            else:
                await through_outages(lambda: self._budget.settle(reservation, spend))
            raise
        self._pause.end()
        # An answer that is paid for is not given up because the database goes away now.
        await through_outages(lambda: self._budget.settle(reservation, reply.spend))
        return reply
