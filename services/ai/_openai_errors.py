"""From everything that the SDK raises, or answers instead, to the errors that people are told.

What leaves holds strings only: the SDK's own errors carry the request with its key.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
import openai
import pydantic

from services.domain import Spend
from services.errors import (
    AccessError,
    BlockedError,
    BotError,
    BusyError,
    CreditError,
    DeadlineError,
    ReplyError,
)

log = logging.getLogger(__name__)

BLOCKED = frozenset(
    {
        "moderation_blocked",
        "content_policy_violation",
        "image_content_policy_violation",
        "content_filter",
        "invalid_prompt",
        "bio_policy",
        "misalignment_policy_violation",
    }
)
NO_CREDIT = frozenset({"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"})
UNREADABLE_PICTURE = frozenset(
    {
        "image_too_large",
        "image_too_small",
        "invalid_image_format",
        "unsupported_image_media_type",
        "image_parse_error",
        "image_file_too_large",
        "empty_image_file",
        "invalid_image",
    }
)
BUSY = frozenset({"rate_limit_exceeded", "server_error", "slow_down", "server_is_overloaded"})


@asynccontextmanager
async def translated(deadline_seconds: float) -> AsyncGenerator[None]:
    """Bound a call's whole time, tries included, and translate what it raises.

    Raises:
        BotError: Always one of its leaves; never an error of the SDK.
    """
    try:
        async with asyncio.timeout(deadline_seconds):
            yield
    except BotError:
        raise
    except Exception as error:  # translated, or raised as it is when it is none of the SDK's
        raise translate(error) from None


def translate(error: Exception) -> BotError:
    """Return the error that people are told; the most particular sign decides."""
    match error:
        case TimeoutError() | openai.APITimeoutError():
            return DeadlineError("model-too-slow")
        case openai.APIConnectionError():
            return BusyError("model-unreachable")
        case openai.ContentFilterFinishReasonError():
            return BlockedError("model-blocked")
        case openai.LengthFinishReasonError() | pydantic.ValidationError():
            return ReplyError("model-cut-short")
        case json.JSONDecodeError():
            return ReplyError("model-broken-reply")  # broken JSON under a good status
        case httpx2.HTTPError():
            return BusyError("model-unreachable")  # a stream that breaks in the middle
        case openai.APIStatusError():
            return by_code(error.code or error.type or "") or _by_status(error.status_code)
        case openai.APIError():
            return by_code(error.code or error.type or "") or ReplyError("model-broken-reply")
        case openai.OpenAIError() | UnicodeError():
            return ReplyError("model-broken-reply")
        case AttributeError() | TypeError():
            # The SDK makes its objects of whatever came; what is no such object shows where it is read.
            log.warning("A model server's answer has not the form it should have", exc_info=error)
            return ReplyError("model-broken-reply")
        case _:
            raise error


def by_code(code: object) -> BotError | None:
    """Return what an error code means, wherever it was found; None when it says nothing known."""
    if not isinstance(code, str):
        return None  # Some servers repeat the number of the status there.
    if code in BLOCKED:
        return BlockedError("model-blocked")
    if code in NO_CREDIT:
        return CreditError("model-no-credit")
    if code in UNREADABLE_PICTURE:
        return ReplyError("model-unreadable-picture")
    if code in BUSY:
        return BusyError("model-busy")
    if code == "invalid_api_key":
        return CreditError("model-key-rejected")
    if code == "context_length_exceeded":
        return ReplyError("model-too-much")
    if code == "model_not_found":
        return AccessError("model-missing")
    return None


def _by_status(status: int) -> BotError:
    if status == 401:
        return CreditError("model-key-rejected")
    if status == 403:
        return AccessError("model-forbidden")  # a region, a project, a model: not the whole account
    if status == 404:
        return AccessError("model-missing")
    if status == 402:
        return CreditError("model-no-credit")
    if status in {408, 429} or status >= 500:
        return BusyError("model-busy")
    if status == 413:
        return ReplyError("model-too-much")
    if status == 451:
        return BlockedError("model-blocked")
    return ReplyError("model-refused-request")


def paid(error: BotError, spend: Spend) -> BotError:
    """Note on an error what its call cost all the same."""
    error.spend = spend
    return error
