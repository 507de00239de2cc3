"""What is recorded of a step: its result or its error as JSON, after as many tries as it has."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import tenacity

from services.codec import from_json, to_json
from services.errors import BotError, UnexpectedError, rebuild
from services.fault_kill import kill_if_asked
from services.operating.metrics import Metrics
from services.references import new_reference
from services.store.database import through_outages

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 20.0
"""Between two tries of a step."""


async def recorded(
    name: str,
    function: Callable[..., Awaitable[Any]],
    arguments: tuple[Any, ...],
    result_type: Any,
    attempts: int,
    metrics: Metrics,
) -> dict[str, Any]:
    """Run a step's body; return its result or its error as JSON, never raise an `Exception`."""
    kill_if_asked(name, "before")
    # Without the database nothing could be recorded anyway, so that is waited out first.
    body = functools.partial(through_outages, functools.partial(function, *arguments))
    try:
        result: object = await (_tried(body, name, attempts, metrics) if attempts > 1 else body())
        packed = {"result": to_json(result_type, result)}
    except BotError as error:
        kind = type(error).__name__
        packed = {"error": {"name": kind, "code": error.code, "params": error.params}}
    except Exception as error:
        reference = new_reference()
        log.exception("Step %s failed unexpectedly (reference %s)", name, reference)
        failed = UnexpectedError("unexpected", detail=type(error).__name__, reference=reference)
        packed = {"error": {"name": "UnexpectedError", "code": failed.code, "params": failed.params}}
    kill_if_asked(name, "inside")
    return packed


async def _tried(body: Callable[[], Awaitable[Any]], name: str, attempts: int, metrics: Metrics) -> object:
    """Run a body until it ends in something that trying again does not change."""
    tries = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(_is_passing),
        wait=tenacity.wait_random_exponential(multiplier=1, max=LONGEST_PAUSE_SECONDS),
        stop=tenacity.stop_after_attempt(attempts),
        before_sleep=functools.partial(_note_try, name, metrics),
        reraise=True,
    )
    return await tries(body)


def _note_try(name: str, metrics: Metrics, state: tenacity.RetryCallState) -> None:
    metrics.retried("step")
    failed = state.outcome.exception() if state.outcome else None
    log.info("Step %s failed (%s) and is tried again", name, failed)


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, BotError) and error.retryable


def unpacked(packed: dict[str, Any], name: str, result_type: Any) -> Any:
    """Return the result of a step from its record.

    Raises:
        BotError: It ended in that, as the class that it had.
    """
    kill_if_asked(name, "after")
    if (error := packed.get("error")) is not None:
        raise rebuild(error["name"], error["code"], error["params"])
    return from_json(result_type, packed["result"])
