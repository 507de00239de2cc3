"""The door through which every request of a person becomes a job."""

from __future__ import annotations

import time

from services import failures
from services.budget import Budget
from services.credit_pause import CreditPause
from services.domain import JobRequest, Place
from services.engine import Engine
from services.errors import UserError
from services.fair_slots import PRIORITY_MISSED, PRIORITY_WAITING, FairSlots, Share, on_behalf_of, server_of
from services.rest_budget import RestBudget
from services.waiting_line import WaitingLine
from services.workflows.opening import PlaceOpener

AT_THE_DOOR = 8
"""Requests that are taken on at once."""
SHORT_WAIT_SECONDS = 3.0
"""Not worth a word on the card."""


class Intake:
    """Takes requests on: checks the budgets and the line, starts the workflow, opens the place.

    Posts only as fast as Discord lets anybody know of them. In a flood they wait at the door, where servers
    take turns, and cost nothing there: not the time of jobs that run, nor of their database.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        opener: PlaceOpener,
        budget: Budget,
        line: WaitingLine,
        pause: CreditPause,
        rest: RestBudget,
    ) -> None:
        self._door = FairSlots(AT_THE_DOOR)
        self._rest = rest
        self._engine = engine
        self._line = line
        self._opener = opener
        self._budget = budget
        self._pause = pause

    async def accept(self, request: JobRequest, *, may_wait: bool = False) -> Place | None:
        """Start the job of this request and return where it speaks; None when it already runs.

        The workflow is started first: if the place cannot be opened now, or this process dies before
        it is, the workflow's own first step opens it. Then, too, None is returned.

        Args:
            may_wait: It is a post, which is caught up if this process ends while it waits at the door.

        Raises:
            BudgetError: The person's, the server's or the bot's requests of the day are used up, or too
                many are in line.
            CreditError: Paid work is paused.
            UserError: Nothing can be posted there.
        """
        priority = PRIORITY_MISSED if request.missed else PRIORITY_WAITING
        with on_behalf_of(Share(server_of(request), priority)):
            return await self._accept(request, priority, may_wait)

    async def _accept(self, request: JobRequest, priority: int, may_wait: bool) -> Place | None:
        if may_wait:
            async with self._door:
                await self._rest.until_room()
                is_started, wait = await self._begin(request, priority)
        else:
            is_started, wait = await self._begin(request, priority)
        if not is_started or request.missed:
            return None  # The place of what was missed is opened when its turn comes.
        try:
            begins = round(time.time() + wait) if wait > SHORT_WAIT_SECONDS else None
            return await self._opener.open(request, begins=begins)
        except UserError:
            raise  # The workflow ends for the same reason, and has nowhere to say so.
        except Exception as error:  # The workflow opens the place, and one outcome is enough.
            failures.note(error, request.job_id)
            return None

    async def _begin(self, request: JobRequest, priority: int) -> tuple[bool, float]:
        """Start the workflow; tell whether that is new, and in how many seconds its turn comes."""
        self._pause.check()  # A pause of one account among several is met by the call itself.
        await self._line.refresh()
        with on_behalf_of(Share(server_of(request), priority, arrives=True)):
            wait = await self._budget.admit(request, self._line.admit)
        is_started = await self._engine.submit(request, priority=priority, is_new=wait is not None)
        return is_started, wait or 0.0
