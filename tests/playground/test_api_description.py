"""Requests are checked against the official descriptions: good ones pass, bad ones are named."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from playground.api_description import ApiDescription, find_description
from playground.models import ScriptedModels, tones
from tests.pictures import encoded, photo

MESSAGES = "/channels/123/messages"
V2 = 1 << 15
FORM = "multipart/form-data"


@cache
def description(name: Literal["discord", "openai"]) -> ApiDescription:
    path = find_description(name)
    if path is None:
        pytest.skip(f"NOT CHECKED: {name}'s official description is not here (see ISTHMUS_SPECS)")
    return ApiDescription.load(path)


@pytest.fixture
def discord() -> Callable[..., list[str]]:
    return description("discord").check


@pytest.fixture
def openai() -> Callable[..., list[str]]:
    return description("openai").check


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Stop", "custom_id": "v1:stop:1:", **changes}


def card(*inner: dict[str, Any]) -> dict[str, Any]:
    return {"flags": V2, "components": [{"type": 17, "components": list(inner)}]}


# ---- Discord -----------------------------------------------------------------------------------

GOOD_FOR_DISCORD: dict[str, tuple[str, str, Any]] = {
    "message": (
        "POST",
        MESSAGES,
        {"content": "hi", "nonce": "a", "enforce_nonce": True, "allowed_mentions": {"parse": []}},
    ),
    "card": (
        "POST",
        MESSAGES,
        card({"type": 10, "content": "x"}, {"type": 1, "components": [button(), button(custom_id="b")]}),
    ),
    "forward": ("POST", MESSAGES, {"message_reference": {"type": 1, "channel_id": 1, "message_id": 2}}),
    "snowflakes as integers": ("POST", MESSAGES, {"content": "x", "allowed_mentions": {"users": [123]}}),
    "edit by discord.py": ("PATCH", f"{MESSAGES}/5", {"content": "x", "tts": False}),
    "edit of a response": ("PATCH", "/webhooks/1/token/messages/@original", {"content": "x"}),
    "thread": ("POST", f"{MESSAGES}/5/threads", {"name": "A thread", "auto_archive_duration": 1440}),
    "query": ("GET", f"{MESSAGES}?limit=5&after=1", None),
    "callback": ("POST", "/interactions/1/token/callback", {"type": 5, "data": {"flags": 64}}),
    "limit reached": ("POST", MESSAGES, {"content": "x" * 2000}),
    "most components": ("POST", MESSAGES, card(*[{"type": 10, "content": "x" * 100}] * 39)),
}


@pytest.mark.parametrize(("method", "path", "body"), GOOD_FOR_DISCORD.values(), ids=GOOD_FOR_DISCORD.keys())
def test_good_request_to_discord_passes(
    discord: Callable[..., list[str]], method: str, path: str, body: Any
) -> None:
    """What the bot and discord.py send is not reported, as JSON or as a form's `payload_json`."""
    assert discord(method, path, body) == []
    if method == "POST" and path == MESSAGES:
        assert discord(method, path, body, content_type=FORM) == []


BAD_FOR_DISCORD: dict[str, tuple[str, str, Any, str]] = {
    "no such route": ("POST", "/nowhere", {}, "no such operation"),
    "no such method": ("DELETE", MESSAGES, None, "no such operation"),
    "path": ("GET", "/channels/abc/messages", None, "channel_id does not fit"),
    "query": ("GET", f"{MESSAGES}?limit=500", None, "limit does not fit"),
    "unknown query": ("GET", f"{MESSAGES}?colour=red", None, "unknown query parameter colour"),
    "missing body": ("POST", MESSAGES, None, "body is missing"),
    "wrong type": ("POST", MESSAGES, {"content": 5}, "at content"),
    "unknown key": ("POST", MESSAGES, {"content": "x", "colour": 1}, "unknown key colour"),
    "unknown key deep inside": (
        "POST",
        MESSAGES,
        card({"type": 10, "content": "x", "label": "of a button"}),
        "unknown key components.0.components.0.label",
    ),
    "missing key": ("POST", f"{MESSAGES}/5/threads", {}, "'name' is a required property"),
    "content": ("POST", MESSAGES, {"content": "x" * 2001}, "2001 characters"),
    "content of a callback": (
        "POST",
        "/interactions/1/token/callback",
        {"type": 4, "data": {"content": "x" * 2001}},
        "2001 characters",
    ),
    "embeds": ("POST", MESSAGES, {"embeds": [{"description": "x" * 3001}] * 2}, "6002 characters"),
    "text of cards": ("POST", MESSAGES, card(*[{"type": 10, "content": "x" * 2001}] * 2), "4002 characters"),
    "components": (
        "POST",
        MESSAGES,
        card(*[{"type": 1, "components": [button(custom_id=f"{n}")]} for n in range(20)]),
        "41 components",
    ),
    "content beside a card": (
        "POST",
        MESSAGES,
        {**card({"type": 10, "content": "x"}), "content": "y"},
        "beside",
    ),
    "nonce": ("POST", MESSAGES, {"content": "x", "nonce": "n" * 26}, "at nonce"),
    "custom_id": (
        "POST",
        MESSAGES,
        card({"type": 1, "components": [button(custom_id="c" * 101)]}),
        "custom_id",
    ),
    "custom_id twice": ("POST", MESSAGES, card({"type": 1, "components": [button(), button()]}), "there twice"),
    "label": (
        "POST",
        MESSAGES,
        card({"type": 1, "components": [button(label="l" * 81)]}),
        "components.0.label",
    ),
}


@pytest.mark.parametrize(
    ("method", "path", "body", "part"), BAD_FOR_DISCORD.values(), ids=BAD_FOR_DISCORD.keys()
)
def test_bad_request_to_discord_is_named(
    discord: Callable[..., list[str]], method: str, path: str, body: Any, part: str
) -> None:
    """Each mistake is found, with the operation and the place."""
    problems = discord(method, path, body)
    assert any(part in each for each in problems), problems
    assert all(each.startswith(method) for each in problems)


# ---- OpenAI ------------------------------------------------------------------------------------


def vision(**changes: Any) -> dict[str, Any]:
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "high"}
    content = [{"type": "input_text", "text": "x"}, image]
    return {
        "model": "gpt-6-luna",
        "input": [{"role": "user", "content": content}],
        "store": False,
        "reasoning": {"effort": "low"},
        "safety_identifier": "x" * 64,
        **changes,
    }


EDIT = {"model": "m", "prompt": "p", "image[]": ["a.png", "b.png"], "mask": "m.png", "n": "2", "quality": "max"}
SOUND = {"model": "m", "file": "a.ogg", "stream": "true", "temperature": "0.5", "chunking_strategy": "auto"}
GOOD_FOR_OPENAI: dict[str, tuple[str, Any, str]] = {
    "vision": ("/responses", vision(), "application/json"),
    "newer than the description": ("/responses", vision(service_tier="ultrafast"), "application/json"),
    "null where it may be": ("/images/generations", {"prompt": "p", "n": None}, "application/json"),
    "edit": ("/images/edits", {**EDIT, "safety_identifier": "h"}, FORM),
    "transcription": (
        "/audio/transcriptions",
        {**SOUND, "keywords[]": ["a"], "known_speaker_names[]": ["b"]},
        FORM,
    ),
    "nested form field": (
        "/audio/transcriptions",
        {
            "model": "m",
            "file": "f",
            "chunking_strategy[type]": "server_vad",
            "chunking_strategy[threshold]": "0.4",
        },
        FORM,
    ),
}


@pytest.mark.parametrize(("path", "body", "kind"), GOOD_FOR_OPENAI.values(), ids=GOOD_FOR_OPENAI.keys())
def test_good_request_to_openai_passes(
    openai: Callable[..., list[str]], path: str, body: Any, kind: str
) -> None:
    """JSON bodies and form fields that fit are not reported."""
    assert openai("POST", path, body, content_type=kind) == []


BAD_FOR_OPENAI: dict[str, tuple[str, Any, str, str]] = {
    "unknown key": ("/responses", vision(verbosity="low"), "application/json", "unknown key verbosity"),
    "unknown key in a part": (
        "/responses",
        vision(input=[{"role": "user", "content": [{"type": "input_text", "text": "x", "txt": "y"}]}]),
        "application/json",
        "unknown key input.0.content.0.txt",
    ),
    "unknown effort": ("/responses", vision(reasoning={"effort": "huge"}), "application/json", "reasoning"),
    "out of range": ("/responses", vision(temperature=9), "application/json", "at temperature"),
    "long identifier": (
        "/responses",
        vision(safety_identifier="x" * 65),
        "application/json",
        "safety_identifier",
    ),
    "missing": ("/chat/completions", {"model": "m"}, "application/json", "'messages' is a required property"),
    "not null": ("/images/generations", {"prompt": None}, "application/json", "at prompt"),
    "form number": ("/images/edits", {**EDIT, "n": "19"}, FORM, "at n"),
    "form word": ("/images/edits", {**EDIT, "quality": "superb"}, FORM, "at quality"),
    "form key": ("/images/edits", {**EDIT, "moderation": "low"}, FORM, "unknown key moderation"),
    "form that has to be JSON": ("/responses", vision(), FORM, "takes no body of the type"),
    "too many speakers": (
        "/audio/transcriptions",
        {**SOUND, "known_speaker_names[]": list("abcde")},
        FORM,
        "known_speaker_names",
    ),
}


@pytest.mark.parametrize(("path", "body", "kind", "part"), BAD_FOR_OPENAI.values(), ids=BAD_FOR_OPENAI.keys())
def test_bad_request_to_openai_is_named(
    openai: Callable[..., list[str]], path: str, body: Any, kind: str, part: str
) -> None:
    """Each mistake is found, in JSON and in forms."""
    problems = openai("POST", path, body, content_type=kind)
    assert any(part in each for each in problems), problems


class Reading(BaseModel):
    title: str


async def test_what_the_real_client_sends_fits() -> None:
    """Every route of the scripted server, called with the newest client, is within the description."""
    async with ScriptedModels(checker=description("openai").check) as server:
        client = AsyncOpenAI(api_key=server.key, base_url=server.base_url)
        picture = encoded(photo(), quality=80)
        url = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
        await client.responses.parse(
            model="m",
            text_format=Reading,
            store=False,
            input=[
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "x"},
                        {"type": "input_image", "image_url": url, "detail": "original"},
                    ],
                }
            ],
        )
        await client.chat.completions.parse(
            model="m",
            response_format=Reading,
            max_completion_tokens=500,
            messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}],
        )
        await client.moderations.create(input=[{"type": "image_url", "image_url": {"url": url}}])
        await client.images.generate(model="m", prompt="p", size="512x512", quality="xhigh", n=2)
        await client.images.edit(
            model="m", image=[("a.jpg", picture, "image/jpeg")], prompt="p", safety_identifier="h", n=2
        )
        await client.audio.transcriptions.create(
            model="gpt-transcribe",
            file=("a.wav", tones.wav(tones.sing("1")), "audio/wav"),
            keywords=["tide"],
            languages=["en", "de"],
        )
        function: Any = {"name": "look", "description": "d", "parameters": {"type": "object", "properties": {}}}
        tool: Any = {"type": "function", "strict": False, **function}
        await client.responses.create(model="m", input="look", tools=[tool])
        await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "look"}],
            tools=[{"type": "function", "function": function}],
        )
        await client.close()
        assert [call.status for call in server.calls] == [200] * 8
        assert server.violations == []


def test_missing_description_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ISTHMUS_SPECS says where to look; a folder without the files yields nothing."""
    monkeypatch.setenv("ISTHMUS_SPECS", str(tmp_path))
    assert find_description("discord") is None
    (tmp_path / "openai-openapi.json.gz").touch()
    assert find_description("openai") == tmp_path / "openai-openapi.json.gz"
