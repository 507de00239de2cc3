"""Both adapters let a model call tools in the same way, against a real server and the real openai client."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence

import pytest

from playground.models import ModelFault, ScriptedModels
from services.ai.build import Models, build_models
from services.ai.protocols import Context, Exchange, LabelledReading, ModelTurn, Picture, Reply
from services.domain import Correction, Description, Turn
from services.errors import BlockedError, BotError, BusyError, CreditError, ReplyError
from services.workflows import question_tools as tools
from tests.pictures import encoded, photo
from tests.services.ai.test_adapters import settings_for

READING = LabelledReading("1. sign.png", Description("A sign", "A red sign.", "", "Sign"))
KEY = "ab12cd34" * 8
ALL = list(tools.BY_NAME.values())


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedModels]:
    async with ScriptedModels() as server:
        yield server
        assert not server.unimplemented


@pytest.fixture(params=["responses", "chat"])
async def models(request: pytest.FixtureRequest, server: ScriptedModels) -> AsyncGenerator[Models]:
    models = build_models(settings_for(server, request.param))
    yield models
    await models.aclose()


async def ask(
    models: Models,
    question: str,
    *,
    exchanges: Sequence[Exchange] = (),
    may_call: bool = True,
    readings: Sequence[LabelledReading] = (READING,),
    seen: list[str] | None = None,
) -> Reply[ModelTurn]:
    assert models.agent is not None
    return await models.agent.next(
        Context(question, readings, [Turn(1, "person", 2, "Good morning")]),
        exchanges=exchanges,
        tools=ALL,
        may_call=may_call,
        language="en",
        person="p" * 64,
        conversation=KEY,
        on_text=None if seen is None else seen.append,
    )


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_call_and_its_result_lead_to_an_answer(models: Models, *, is_streamed: bool) -> None:
    """A call has a name and arguments that fit its schema; its result is answered from."""
    question = "What does the sign in the top left corner of picture 1 say?"
    seen: list[str] | None = [] if is_streamed else None
    first = await ask(models, question, seen=seen)
    [call] = first.value.calls
    assert call.name == "look"
    wanted = tools.LookFields.model_validate_json(call.arguments)
    assert (wanted.item, wanted.box, wanted.at) == (1, [0, 0, 0.5, 0.5], None)
    assert first.spend.usd
    exchange = Exchange(first.value, ("Item 1: the sign in the corner says KEEP LEFT",))
    second = await ask(models, question, exchanges=[exchange], seen=seen)
    assert not second.value.calls
    assert "KEEP LEFT" in second.value.text
    if seen is not None:
        assert seen[-1].strip() == second.value.text


async def test_several_calls_keep_their_order(models: Models) -> None:
    """Two calls at once come back in order, and so do their results."""
    question = "What colour is picture 1, and what colour is picture 2?"
    first = (await ask(models, question)).value
    assert [json.loads(each.arguments)["item"] for each in first.calls] == [1, 2]
    exchange = Exchange(first, ("The colour of item 1 is teal", "The colour of item 2 is plum"))
    second = await ask(models, question, exchanges=[exchange])
    assert second.value.text.index("teal") < second.value.text.index("plum")


async def test_who_may_not_call_answers(models: Models, server: ScriptedModels) -> None:
    """The tools stay in the prompt, so that its beginning stays cached; none is called."""
    reply = await ask(models, "What does the sign in picture 1 say?", may_call=False)
    assert reply.value.text
    assert not reply.value.calls
    [call] = server.calls
    assert call.body["tool_choice"] == "none"
    assert len(call.body["tools"]) == len(ALL)


async def test_prompts_of_a_conversation_begin_alike(models: Models, server: ScriptedModels) -> None:
    """Everything up to the question is the same text under the same cache key."""
    for question in ("Who is it?", "And where?"):
        await ask(models, question, may_call=False)
    one, two = (call.text for call in server.calls)
    shared = one.index("Request of the asker")
    assert one[:shared] == two[:shared]
    keys = {call.body.get("prompt_cache_key") for call in server.calls}
    assert keys == ({KEY} if "input" in server.calls[0].body else {None})


async def test_corrections_stand_in_the_reading(models: Models, server: ScriptedModels) -> None:
    """A correction comes after what it corrects, inside the same block."""
    corrected = LabelledReading("1. a.png", READING.reading, (Correction("it is green", 5),))
    await ask(models, "Which colour?", readings=[corrected], may_call=False)
    sent = server.calls[0].text
    assert sent.index("A red sign") < sent.index("it is green") < sent.index("[end ab12cd34 reading]")


async def test_look_answers_from_pictures_alone(models: Models, server: ScriptedModels) -> None:
    """Each picture comes behind the line that names it; what is written in it comes back apart."""
    assert models.looker is not None
    picture = Picture(encoded(photo(marker=42), "JPEG", quality=90), "image/jpeg", 512, 512)
    reply = await models.looker.look(
        [picture, picture],
        captions=["Item 1", "Item 2 at 0:12"],
        question="which marker?",
        language="en",
        person="p" * 64,
    )
    assert "MARKER 42" in reply.value.visible_text
    assert not reply.value.unsure
    [call] = server.calls
    assert [each.caption for each in call.sights] == ["Item 1", "Item 2 at 0:12"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (ModelFault("", "refusal"), BlockedError),
        (ModelFault("", "truncated"), ReplyError),
        (ModelFault("", "empty"), ReplyError),
        (ModelFault("", "html", status=200), ReplyError),
        (ModelFault("", "status", status=401, code="invalid_api_key"), CreditError),
        (ModelFault("", "status", status=503, code="slow_down", times=9), BusyError),
    ],
    ids=lambda value: value.action if isinstance(value, ModelFault) else "",
)
async def test_failures_are_typed(
    models: Models, server: ScriptedModels, fault: ModelFault, kind: type[BotError]
) -> None:
    """Whatever stands in the place of a call of a tool is one of our errors."""
    fault.struck = fault.seen = 0
    server.fail(fault)
    with pytest.raises(BotError) as error:
        await ask(models, "What colour is picture 1?")
    assert type(error.value) is kind


async def test_models_without_tools_are_no_agents(server: ScriptedModels) -> None:
    """Where the settings say that a model cannot call tools, nothing tries it."""
    settings = settings_for(server, "chat")
    text = settings.models.text.model_copy(update={"tools": False})
    roles = settings.models.model_copy(update={"text": text})
    models = build_models(settings.model_copy(update={"models": roles}))
    assert models.agent is None
    await models.aclose()
