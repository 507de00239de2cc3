"""The warm processes that small models run in: few, limited, started when needed and ended when idle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from services.ai.offline._model_child import Answer, ChildLostError, ModelChild
from services.errors import DeadlineError, ReplyError, ServiceError, UserError
from services.fair_slots import FairSlots

log = logging.getLogger(__name__)


class ModelChildren:
    """Hands jobs to warm children, one job a child at a time.

    A child that dies, hangs or lies ends its own job with an ordinary error; the next job gets another.

    Args:
        children: At once; one a core at most makes sense, since each is single-threaded.
        memory_bytes: What a child may write to (heap and other private memory).
        idle_seconds: A child that had nothing to do for so long is ended.
        load_seconds: What a child may take longer for its first job of a kind, because it loads models.
    """

    def __init__(
        self, *, children: int, memory_bytes: int, idle_seconds: float, load_seconds: float = 60.0
    ) -> None:
        self._slots = FairSlots(children)
        self._memory_bytes = memory_bytes
        self._idle_seconds = idle_seconds
        self._load_seconds = load_seconds
        self._idle: dict[ModelChild, asyncio.TimerHandle] = {}
        self._all: set[ModelChild] = set()
        self._is_closed = False

    @property
    def pids(self) -> frozenset[int]:
        """The process ids of the children that live."""
        return frozenset(child.pid for child in self._all if child.is_alive)

    async def ask(
        self,
        function: str,
        options: Mapping[str, Any],
        payloads: Sequence[bytes] = (),
        *,
        seconds: float,
    ) -> dict[str, Any]:
        """Have `module:function(options, payloads)` called in a child; waits for a free one.

        Args:
            seconds: Wall clock of the call itself, waiting and loading not counted.

        Returns:
            What the function returned: a stranger's words, to be validated.

        Raises:
            DeadlineError: It took too long; the child was killed.
            ReplyError: The child died or failed.
            ServiceError: It ran out of memory, or its models are not there.
            UserError: What was sent is no picture or sound.
        """
        async with self._slots:
            try:
                child = await self._take(function)
            except ChildLostError:
                log.exception("A model child did not start")
                raise ReplyError("offline-model-died") from None
            limit = seconds if function in child.has_done else seconds + self._load_seconds
            is_usable = False
            try:
                async with asyncio.timeout(limit):
                    answer = await child.ask(function, options, payloads)
                is_usable = answer.failed != "memory"
            except TimeoutError:
                raise DeadlineError("offline-too-slow") from None
            except ChildLostError:
                child.kill()
                log.warning("A model child died (exit %s)", await child.ended())
                raise ReplyError("offline-model-died") from None
            finally:
                # Also when the job was cancelled: its answer must not meet the next question.
                self._put_back(child) if is_usable else self._end(child)
        return _result(answer)

    async def aclose(self) -> None:
        """End all children. Repeating it does no harm."""
        self._is_closed = True
        ending = list(self._all)
        for child in ending:
            self._end(child)
        for child in ending:
            await child.ended()

    async def _take(self, function: str) -> ModelChild:
        """Return an idle child, rather one that has this function's models; else start one."""
        if self._is_closed:
            raise RuntimeError("the model children are closed")
        while self._idle:
            child = next((each for each in self._idle if function in each.has_done), next(iter(self._idle)))
            self._idle.pop(child).cancel()
            if child.is_alive:
                return child
            self._end(child)
        child = await ModelChild.start(self._memory_bytes)
        self._all.add(child)
        return child

    def _put_back(self, child: ModelChild) -> None:
        if self._is_closed:
            self._end(child)
            return
        loop = asyncio.get_running_loop()
        self._idle[child] = loop.call_later(self._idle_seconds, self._end, child)

    def _end(self, child: ModelChild) -> None:
        if (timer := self._idle.pop(child, None)) is not None:
            timer.cancel()
        self._all.discard(child)
        child.kill()


def _result(answer: Answer) -> dict[str, Any]:
    if answer.failed is not None:
        log.warning("A model child failed: %s %r", answer.failed, answer.where)
    match answer.failed:
        case "memory":
            raise ServiceError("offline-too-much-memory")
        case "unreadable":
            raise UserError("offline-unreadable")
        case "missing":
            raise ServiceError("offline-part-missing")
        case "broken":
            raise ReplyError("offline-model-failed")
        case None:
            if answer.result is None:
                raise ReplyError("offline-model-failed")
            return answer.result
