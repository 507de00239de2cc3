"""A scripted model asks for the fitting tool, and answers once a tool has brought what the question asks."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image

from playground.models import ModelFault, ScriptedModels
from tests.pictures import encoded, photo
from tests.playground.model_server.conftest import data_url

NUMBER = {"type": "integer"}
BOX = {"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "null"}]}


def function(name: str, about: str, **properties: Any) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"name": name, "description": about, "parameters": parameters, "strict": True}


FUNCTIONS = [
    function("look", "Looks again at a picture or a part of it.", item=NUMBER, box=BOX),
    function("frames", "Looks at a video at a time.", item=NUMBER, time_seconds={"type": "number"}),
    function("search", "Searches what was posted.", query={"type": "string"}),
]
TOOLS: list[Any] = [{"type": "function", **each} for each in FUNCTIONS]
CHAT_TOOLS: list[Any] = [{"type": "function", "function": each} for each in FUNCTIONS]


@pytest.mark.parametrize(
    ("question", "name", "arguments"),
    [
        ("What colour is the sign in picture 2?", "look", {"item": 2, "box": None}),
        ("What is in the top left corner of picture 1?", "look", {"item": 1, "box": [0, 0, 0.5, 0.5]}),
        ("What happens at 1:23 in video 3?", "frames", {"item": 3, "time_seconds": 83}),
        ("Who mentioned the boat earlier?", "search", {"query": "Who mentioned the boat earlier?"}),
    ],
)
async def test_fitting_tool_gets_arguments_of_the_question(
    client: AsyncOpenAI, question: str, name: str, arguments: dict[str, object]
) -> None:
    """Items, corners and times come from the words; what they do not say is null."""
    response = await client.responses.create(model="m", input=question, tools=TOOLS)
    [call] = response.output
    assert call.type == "function_call"
    assert (call.name, json.loads(call.arguments)) == (name, arguments)
    assert response.usage is not None
    assert response.usage.output_tokens > 0
    completion = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": question}], tools=CHAT_TOOLS
    )
    [choice] = completion.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    [asked] = choice.message.tool_calls or []
    assert asked.type == "function"
    assert (asked.function.name, json.loads(asked.function.arguments)) == (name, arguments)


async def test_answer_quotes_what_the_tool_brought(client: AsyncOpenAI) -> None:
    """With a fitting result the model answers; with one that does not help it tries another tool."""
    history: list[Any] = [{"role": "user", "content": "What colour is the sign in picture 2?"}]
    first = await client.responses.create(model="m", input=history, tools=TOOLS)
    history += [each.to_dict() for each in first.output]
    [call] = first.output
    assert call.type == "function_call"

    call_id = call.call_id

    def output(text: str) -> list[Any]:
        return [*history, {"type": "function_call_output", "call_id": call_id, "output": text}]

    done = await client.responses.create(model="m", input=output("The sign is turquoise."), tools=TOOLS)
    assert "The sign is turquoise." in done.output_text
    more = await client.responses.create(model="m", input=output("Nothing."), tools=TOOLS)
    assert [each.name for each in more.output if each.type == "function_call"] != ["look"]
    again: list[Any] = [
        *output("The sign is turquoise."),
        {"role": "user", "content": "What happens at 0:05 in video 1?"},
    ]
    [call] = (await client.responses.create(model="m", input=again, tools=TOOLS)).output
    assert call.type == "function_call"
    assert call.name == "frames"


async def test_pictures_that_a_tool_brings_are_seen(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """A tool's output may hold pictures; without the picture the marker cannot be answered."""
    question = {"role": "user", "content": "Which marker is in picture 1?"}
    made = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
    picture = {
        "type": "input_image",
        "image_url": data_url(encoded(photo(marker=77), quality=90)),
        "detail": "high",
    }

    async def answered(parts: list[Any]) -> str:
        output = {"type": "function_call_output", "call_id": "call_1", "output": parts}
        given: list[Any] = [question, made, output]
        return (await client.responses.create(model="m", input=given, tools=TOOLS)).output_text

    assert "marker 77" in await answered([picture])
    assert server.calls[0].sights[0].marker == 77
    blank = {**picture, "image_url": data_url(encoded(Image.new("RGB", (64, 64)), quality=90))}
    assert "77" not in await answered([blank])


async def test_parallel_calls_and_their_limits(client: AsyncOpenAI) -> None:
    """Two numbered items are two calls, unless that is forbidden; a choice of tool is obeyed."""
    question = "What colour are picture 1 and picture 3?"

    async def asked(**options: Any) -> list[str]:
        response = await client.responses.create(model="m", input=question, tools=TOOLS, **options)
        return [each.name for each in response.output if each.type == "function_call"]

    assert await asked() == ["look", "look"]
    assert await asked(parallel_tool_calls=False) == ["look"]
    assert await asked(tool_choice="none") == []
    assert await asked(tool_choice={"type": "function", "name": "search"}) == ["search", "search"]
    assert await asked(tool_choice="required") == ["look", "look"]


async def test_calls_of_tools_stream(client: AsyncOpenAI) -> None:
    """Arguments come in pieces in both APIs and add up to the plain answer's."""
    question = "What happens at 1:23 in video 3?"
    async with client.responses.stream(model="m", input=question, tools=TOOLS) as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()
    [call] = final.output
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"item": 3, "time_seconds": 83}
    assert kinds.count("response.function_call_arguments.delta") > 1
    assert kinds[-3:] == [
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ]
    pieces = ""
    chunks = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": question}], tools=CHAT_TOOLS, stream=True
    )
    reason = None
    async for chunk in chunks:
        [choice] = chunk.choices
        for each in choice.delta.tool_calls or []:
            assert each.function is not None
            pieces += each.function.arguments or ""
        reason = choice.finish_reason or reason
    assert (json.loads(pieces), reason) == ({"item": 3, "time_seconds": 83}, "tool_calls")


async def test_results_belong_to_calls(client: AsyncOpenAI) -> None:
    """A result without its call, or a call without its result, is a 400 in both APIs."""
    asked = {"role": "user", "content": "x"}
    made = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
    result = {"type": "function_call_output", "call_id": "call_1", "output": "x"}
    for given, why in (([asked, made], "No tool output found"), ([asked, result], "No tool call found")):
        with pytest.raises(openai.BadRequestError, match=why):
            await client.responses.create(model="m", input=given, tools=TOOLS)  # type: ignore[arg-type]
    calls = [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
    turn = {"role": "assistant", "tool_calls": calls}
    for given, why in (
        ([asked, turn, asked], "must be followed by tool messages"),
        ([asked, {"role": "tool", "tool_call_id": "call_1", "content": "x"}], "must be a response"),
    ):
        with pytest.raises(openai.BadRequestError, match=why):
            await client.chat.completions.create(model="m", messages=given, tools=CHAT_TOOLS)  # type: ignore[arg-type]


async def test_faults_strike_calls_with_tools(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """A refusal stands in the place of a tool's call."""
    server.fail(ModelFault("/responses", "refusal"))
    response = await client.responses.create(model="m", input="What colour is picture 1?", tools=TOOLS)
    [message] = response.output
    assert message.type == "message"
    assert message.content[0].type == "refusal"


async def test_remark_that_sets_something_right_is_a_correction(client: AsyncOpenAI) -> None:
    """A tool that corrects gets the remark; a question about the same is none."""
    tools: list[Any] = [
        {"type": "function", **function("correct", "Corrects.", item=NUMBER, text={"type": "string"})},
        *TOOLS,
    ]

    async def asked(text: str) -> list[str]:
        response = await client.responses.create(model="m", input=text, tools=tools)
        return [each.name for each in response.output if each.type == "function_call"]

    assert await asked("That is not a dog, it is a fox") == ["correct"]
    assert await asked("Is it a dog, or is it a fox, in the picture?") == ["look"]
