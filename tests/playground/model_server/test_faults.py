"""Every way to fail that a test can ask for, as the real client meets it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI

from playground.models import ModelFault, ScriptedModels
from tests.pictures import encoded, photo
from tests.playground.model_server.conftest import looking


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "context_length_exceeded", openai.BadRequestError),
        (400, "moderation_blocked", openai.BadRequestError),
        (401, "invalid_api_key", openai.AuthenticationError),
        (403, "model_not_found", openai.PermissionDeniedError),
        (404, "model_not_found", openai.NotFoundError),
        (408, "timeout", openai.APIStatusError),
        (409, "conflict", openai.ConflictError),
        (429, "rate_limit_exceeded", openai.RateLimitError),
        (429, "insufficient_quota", openai.RateLimitError),
        (429, "credit_balance_exhausted", openai.RateLimitError),
        (500, "server_error", openai.InternalServerError),
        (503, "slow_down", openai.InternalServerError),
    ],
)
async def test_status(
    client: AsyncOpenAI, server: ScriptedModels, status: int, code: str, kind: type[openai.APIStatusError]
) -> None:
    """Each status comes with its code, once; the next call is served."""
    server.faults.add(ModelFault("/responses$", "status", status=status, code=code))
    with pytest.raises(kind) as error:
        await client.responses.create(model="m", input="x")
    assert (error.value.status_code, error.value.code) == (status, code)
    assert (error.value.type == "insufficient_quota") is (
        code in {"insufficient_quota", "credit_balance_exhausted"}
    )
    assert (await client.responses.create(model="m", input="x")).output_text
    assert [call.status for call in server.calls] == [status, 200]


async def test_client_waits_as_long_as_it_is_told(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """`retry-after-ms` and `retry-after` reach the client, which tries again after that time."""
    server.faults.add(ModelFault("", "status", status=429, code="rate_limit_exceeded", retry_after_ms=300))
    server.faults.add(ModelFault("", "status", status=503, retry_after_ms=None, retry_after="0.4"))
    response = await client.with_options(max_retries=2).responses.create(model="m", input="x")
    assert response.output_text
    first, second, third = server.calls
    assert [call.retry for call in server.calls] == [0, 1, 2]
    assert second.started - first.started == pytest.approx(0.3, abs=0.15)
    assert third.started - second.started == pytest.approx(0.4, abs=0.15)


async def test_proxys_page(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """An HTML page under 502 is an error; under 200 the client takes it for a text."""
    server.faults.add(ModelFault("", "html", status=502))
    server.faults.add(ModelFault("", "html", status=200))
    with pytest.raises(openai.InternalServerError) as error:
        await client.responses.create(model="m", input="x")
    assert error.value.code is None
    loose = AsyncOpenAI(api_key=server.key, base_url=server.base_url, max_retries=0)
    answer: object = await loose.responses.create(model="m", input="x")
    await loose.close()
    assert isinstance(answer, str)
    assert "<html>" in answer


async def test_broken_json(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Garbage under 200 is not taken for an answer."""
    server.faults.add(ModelFault("", "garbage"))
    with pytest.raises((openai.APIError, ValueError)):
        await client.responses.create(model="m", input="x")


@pytest.mark.parametrize("action", ["reset", "reset_in_body"])
async def test_connection_breaks(client: AsyncOpenAI, server: ScriptedModels, action: str) -> None:
    """Before or in the middle of the body: a connection error, and the call has no status."""
    server.faults.add(ModelFault("", action))  # type: ignore[arg-type]
    with pytest.raises((openai.APIConnectionError, httpx2.TransportError)):
        await client.responses.create(model="m", input="x")
    await server.wait_for(lambda: server.calls[0].ended)
    assert server.calls[0].status == 0
    assert not server.repeats()


async def test_hanging_call_ends_when_the_client_leaves(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """A call that gets no answer stays open until its client gives up."""
    server.faults.add(ModelFault("", "hang"))
    asking = asyncio.ensure_future(client.responses.create(model="m", input="x"))
    await server.wait_for(lambda: server.calls)
    assert server.calls[0].ended is None
    asking.cancel()
    await server.wait_for(lambda: server.calls[0].ended)
    assert server.calls[0].status == 0


async def test_hang_of_some_time_is_only_late(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """With `seconds` the answer comes in the end."""
    server.faults.add(ModelFault("", "hang", seconds=0.3))
    started = time.monotonic()
    assert (await client.responses.create(model="m", input="x")).output_text
    assert time.monotonic() - started >= 0.3


async def test_server_closes_at_once_with_calls_hanging() -> None:
    """A hanging call does not hold up the end of a test."""
    async with ScriptedModels() as server:
        server.faults.add(ModelFault("", "hang"))
        client = AsyncOpenAI(api_key=server.key, base_url=server.base_url, max_retries=0)
        asking = asyncio.ensure_future(client.responses.create(model="m", input="x"))
        await server.wait_for(lambda: server.calls)
        started = time.monotonic()
    assert time.monotonic() - started < 1
    with pytest.raises(openai.APIConnectionError):
        await asking
    await client.close()


async def test_trickle_beats_the_clients_own_timeout(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """The client's timeout is per read: an answer that trickles arrives whole, long after it."""
    server.faults.add(ModelFault("", "trickle", seconds=0.05))
    started = time.monotonic()
    response = await client.with_options(timeout=0.4).responses.create(model="m", input="x")
    assert response.output_text
    assert time.monotonic() - started > 0.8


@pytest.mark.parametrize(
    ("action", "status", "reason", "said"),
    [
        ("truncated", "incomplete", "max_output_tokens", True),
        ("reasoning_only", "incomplete", "max_output_tokens", False),
        ("content_filter", "incomplete", "content_filter", False),
        ("empty", "completed", None, False),
        ("failed", "failed", None, False),
    ],
)
async def test_odd_answers_of_responses(
    client: AsyncOpenAI, server: ScriptedModels, action: str, status: str, reason: str | None, said: bool
) -> None:
    """HTTP 200, and yet no answer: each says so in its own fields, and costs."""
    code = "image_content_policy_violation"
    server.faults.add(ModelFault("", action, code=code))  # type: ignore[arg-type]
    response = await client.responses.create(model="m", input="x")
    assert response.status == status
    assert (response.incomplete_details.reason if response.incomplete_details else None) == reason
    assert (response.error.code if response.error else None) == (code if action == "failed" else None)
    assert bool(response.output_text) is said
    assert response.usage is not None
    assert response.usage.input_tokens == 1
    assert (response.usage.output_tokens_details.reasoning_tokens > 0) is (action == "reasoning_only")


async def responses_kinds(client: AsyncOpenAI) -> AsyncIterator[str]:
    async for event in await client.responses.create(model="m", input="x", stream=True):
        yield event.type.split(".")[-1]


async def chat_kinds(client: AsyncOpenAI) -> AsyncIterator[str]:
    messages: list[Any] = [{"role": "user", "content": "x"}]
    async for chunk in await client.chat.completions.create(model="m", messages=messages, stream=True):
        yield "finished" if chunk.choices[0].finish_reason else "delta"


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize("action", ["broken_stream", "short_stream", "stream_error"])
async def test_streams_that_fail(client: AsyncOpenAI, server: ScriptedModels, api: str, action: str) -> None:
    """A stream breaks, stops or reports an error in the middle: some text, no ending."""
    server.faults.add(ModelFault("", action, code="server_error"))  # type: ignore[arg-type]
    kinds: Counter[str] = Counter()
    last = ""
    error: Exception | None = None
    try:
        async for last in responses_kinds(client) if api == "responses" else chat_kinds(client):
            kinds[last] += 1
    except (openai.APIError, httpx2.TransportError) as caught:
        error = caught
    assert kinds["delta"]
    assert not {"completed", "finished"} & kinds.keys()
    if action == "broken_stream":
        assert error is not None
    elif action == "short_stream":
        assert error is None
    elif api == "responses":
        assert last == "error"
    else:
        assert isinstance(error, openai.APIError)
        assert error.code == "server_error"


async def test_rule_strikes_only_what_it_is_about(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """By path, after some calls, for some times, and only where the call matches."""
    marked = ModelFault(
        "/responses$",
        "status",
        status=500,
        times=2,
        after=1,
        when=lambda call: any(sight.marker == 3 for sight in call.sights),
    )
    server.faults.add(marked)
    statuses: list[int] = []
    for marker in (3, 4, 3, 3, 4, 3):
        given = looking("x", encoded(photo(marker=marker), quality=80))
        with contextlib.suppress(openai.InternalServerError):
            await client.responses.create(model="m", input=given)
        statuses.append(server.calls[-1].status)
    await client.moderations.create(input="x")
    assert statuses == [200, 200, 500, 500, 200, 200]
    assert marked.struck == 2


async def test_rule_waits_for_a_call_it_can_strike(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """A refusal strikes no moderation, a broken stream no plain call."""
    refusal = server.faults.add(ModelFault("", "refusal"))
    broken = server.faults.add(ModelFault("", "broken_stream"))
    await client.moderations.create(input="x")
    assert (refusal.struck, broken.struck) == (0, 0)
    await client.responses.create(model="m", input="x")
    assert (refusal.struck, broken.struck) == (1, 0)
    server.faults.add(ModelFault("", "empty", times=9))
    server.faults.clear()
    assert (await client.responses.create(model="m", input="x")).output_text


async def test_latency_counts_from_the_calls_arrival(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Each answer takes the time that is set, and calls do not wait for each other."""
    server.latency = 0.4
    started = time.monotonic()
    await asyncio.gather(*(client.responses.create(model="m", input=f"{number}") for number in range(5)))
    assert 0.4 <= time.monotonic() - started < 1.2
    spans = [(call.ended or 0) - call.started for call in server.calls]
    assert all(span >= 0.4 for span in spans)
    assert all(later.started <= (earlier.ended or 0) for earlier, later in itertools.pairwise(server.calls))
