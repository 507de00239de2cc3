"""What the server keeps of the calls, and how tests wait for them."""

from __future__ import annotations

import asyncio

import pytest
from openai import AsyncOpenAI

from playground.models import ModelFault, ScriptedModels, tones


async def test_repeats_are_equal_payloads_that_were_answered(
    client: AsyncOpenAI, server: ScriptedModels
) -> None:
    """A payload that was answered twice is a repeat; one that failed before is none."""
    server.faults.add(ModelFault("", "status", status=500))
    await client.with_options(max_retries=1).responses.create(model="m", input="tried again")
    await client.responses.create(model="m", input="once")
    assert server.repeats() == {}
    await client.responses.create(model="m", input="once")
    assert server.repeats() == {server.calls[-1].digest: 2}


async def test_random_marks_of_data_blocks_do_not_hide_a_repeat(
    client: AsyncOpenAI, server: ScriptedModels
) -> None:
    """Two prompts that differ only in their blocks' marks are the same call."""
    for mark in ("0a1b2c3d", "99887766"):
        await client.responses.create(model="m", input=f"[data {mark} reading]\nhello\n[end {mark} reading]")
    assert list(server.repeats().values()) == [2]


async def test_files_count_in_a_repeat(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Forms with the same fields and other bytes are different calls."""
    for digits in ("1", "2", "1"):
        file = ("a.wav", tones.wav(tones.sing(digits)), "audio/wav")
        await client.audio.transcriptions.create(model="m", file=file)
    assert server.repeats() == {server.calls[0].digest: 2}


async def test_waiting_is_told_of_every_change(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """A condition is looked at when a call begins and when it ends; one that never holds is an error."""
    server.latency = 0.2
    asking = asyncio.ensure_future(client.responses.create(model="m", input="x"))
    await server.wait_for(lambda: server.calls)
    assert server.calls[0].ended is None
    assert await server.wait_for(lambda: server.calls[0].status) == 200
    await asking
    with pytest.raises(AssertionError, match="in vain for a second call"):
        await server.wait_for(lambda: len(server.calls) > 1, timeout=0.05, what="a second call")


async def test_checker_sees_json_and_forms(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """What a checker finds wrong is kept; it gets the path without the base, and files by name."""
    seen: list[tuple[str, str, object, str]] = []

    def check(method: str, path: str, body: object, *, content_type: str = "") -> list[str]:
        seen.append((method, path, body, content_type))
        return [f"{path} is wrong"]

    async with ScriptedModels(checker=check) as strict:
        asker = AsyncOpenAI(api_key=strict.key, base_url=strict.base_url)
        await asker.responses.create(model="m", input="x")
        file = ("a.wav", tones.wav(tones.sing("1")), "audio/wav")
        await asker.audio.transcriptions.create(model="m", file=file)
        await asker.close()
        assert strict.violations == ["/responses is wrong", "/audio/transcriptions is wrong"]
    assert seen == [
        ("POST", "/responses", {"model": "m", "input": "x"}, "application/json"),
        ("POST", "/audio/transcriptions", {"model": "m", "file": "a.wav"}, "multipart/form-data"),
    ]


async def test_environment_leads_a_client_here(server: ScriptedModels) -> None:
    """The two variables are all that a client needs."""
    given = server.environment()
    async with AsyncOpenAI(api_key=given["OPENAI_API_KEY"], base_url=given["OPENAI_BASE_URL"]) as client:
        assert (await client.responses.create(model="m", input="x")).output_text
    assert server.base_url.startswith("http://127.0.0.1:")
