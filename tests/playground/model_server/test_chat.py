"""Chat Completions, told by the real client."""

from __future__ import annotations

import base64

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from playground.models import ModelFault, ScriptedModels, tones
from tests.pictures import encoded, photo
from tests.playground.model_server.conftest import chatting

PICTURE = encoded(photo(marker=321), quality=85)


class Reading(BaseModel):
    title: str
    visible_text: str
    answer: str


async def test_plain_answer_says_what_was_seen(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """The answer has the picture's facts; the system message is no material."""
    completion = await client.chat.completions.create(model="m", messages=chatting("Which picture?", PICTURE))
    [choice] = completion.choices
    assert choice.finish_reason == "stop"
    assert "marker 321" in (choice.message.content or "")
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 308 + 4 + 3  # picture, question, system message
    assert server.calls[0].sights[0].data == PICTURE
    assert server.calls[0].text == "Which picture?"


async def test_structured_answer_fits_its_model(client: AsyncOpenAI) -> None:
    """`parse` gets an object of the wanted shape."""
    completion = await client.chat.completions.parse(
        model="m", messages=chatting("What number is it?", PICTURE), response_format=Reading
    )
    reading = completion.choices[0].message.parsed
    assert reading is not None
    assert reading.visible_text == "MARKER 321"
    assert "What number is it?" in reading.answer


async def test_stream_adds_up_to_the_answer(client: AsyncOpenAI) -> None:
    """Role first, then pieces, then the reason, then the usage where it was asked for."""
    messages = chatting("Which picture?", PICTURE)
    plain = await client.chat.completions.create(model="m", messages=messages)
    chunks = [
        chunk
        async for chunk in await client.chat.completions.create(
            model="m", messages=messages, stream=True, stream_options={"include_usage": True}
        )
    ]
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == plain.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].usage == plain.usage


async def test_recording_in_a_message_is_heard(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Audio parts are decoded like pictures."""
    data = base64.b64encode(tones.wav(tones.sing("471"))).decode()
    part = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    question = {"type": "text", "text": "Which digits?"}
    completion = await client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": [question, part]}],  # type: ignore[list-item]
    )
    assert "digits 4 7 1" in (completion.choices[0].message.content or "")
    assert server.calls[0].sounds[0].digits == "471"


async def test_odd_endings_are_what_the_client_knows_them_as(
    client: AsyncOpenAI, server: ScriptedModels
) -> None:
    """Truncation, filter and refusal come as the client's own errors and fields."""
    messages = chatting("x")
    server.faults.add(ModelFault("/chat", "truncated"))
    with pytest.raises(openai.LengthFinishReasonError):
        await client.chat.completions.parse(model="m", messages=messages, response_format=Reading)
    server.faults.add(ModelFault("/chat", "content_filter"))
    with pytest.raises(openai.ContentFilterFinishReasonError):
        await client.chat.completions.parse(model="m", messages=messages, response_format=Reading)
    server.faults.add(ModelFault("/chat", "refusal"))
    refused = await client.chat.completions.parse(model="m", messages=messages, response_format=Reading)
    assert refused.choices[0].message.refusal
    assert refused.choices[0].message.parsed is None
    server.faults.add(ModelFault("/chat", "reasoning_only"))
    silent = await client.chat.completions.create(model="m", messages=messages, max_completion_tokens=50)
    assert silent.choices[0].finish_reason == "length"
    assert silent.choices[0].message.content == ""
    assert silent.usage is not None
    assert silent.usage.completion_tokens == 50


async def test_wrong_parts_are_refused(client: AsyncOpenAI) -> None:
    """Unknown parts and missing messages are a 400 with the API's code."""
    for messages, code in (
        ([], "missing_required_parameter"),
        ([{"role": "user", "content": [{"type": "input_text", "text": "x"}]}], "invalid_value"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "invalid_value"),
    ):
        with pytest.raises(openai.BadRequestError) as error:
            await client.post("/chat/completions", body={"model": "m", "messages": messages}, cast_to=object)
        assert error.value.code == code
