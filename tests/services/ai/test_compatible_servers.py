"""The recipes of docs/model-servers.md work with a server that knows Chat Completions and little else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.ai.build import Models, build_models
from services.ai.protocols import Picture, Sound
from services.configuration import load_settings, require
from tests.pictures import encoded, photo

RECIPE = """
[models.vision]
api = "chat"
model = "llava"
base_url = "http://127.0.0.1:11434/v1"
reasoning_effort = ""
max_tokens_field = "max_tokens"
structured = "{structured}"

[models.text]
api = "chat"
model = "qwen"
base_url = "http://127.0.0.1:8080/v1"
reasoning_effort = ""
max_tokens_field = "max_tokens"
structured = "{structured}"

[models.transcription]
api = "transcriptions"
model = "whisper"
base_url = "http://127.0.0.1:8000/v1"

[models.moderation]
api = "offline"
"""
KNOWN = {"model", "messages", "max_tokens", "response_format", "stream", "stream_options"}
FIELDS = {"title": "A cat", "text": "A cat looks up.", "visible_text": "", "alt_text": "A cat.", "answer": ""}


class PlainServer:
    """What such servers have in common; it refuses every field and route that some of them do not know."""

    def __init__(self, *, knows_schemas: bool, fenced: bool) -> None:
        self._knows_schemas = knows_schemas
        self._fenced = fenced
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        match request.url.path:
            case "/v1/chat/completions":
                return self._chat(json.loads(request.content))
            case "/v1/audio/transcriptions":
                return httpx2.Response(200, json={"text": " Hello there. "})
            case _:
                return httpx2.Response(404, text="404 page not found")

    def _chat(self, body: dict[str, Any]) -> httpx2.Response:
        self.bodies.append(body)
        kind = body.get("response_format", {}).get("type")
        if unknown := body.keys() - KNOWN:
            return httpx2.Response(400, json={"error": {"message": f"unknown field {sorted(unknown)}"}})
        if kind == "json_schema" and not self._knows_schemas:
            return httpx2.Response(400, json={"error": {"message": "json_schema is not supported"}})
        text = json.dumps(FIELDS) if kind else "It is a cat."
        if self._fenced and kind:
            text = f"Here you are:\n```json\n{text}\n```"
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        answer = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
        }
        return httpx2.Response(200, json=answer)


def models_of(server: PlainServer, folder: Path, structured: str) -> Models:
    file = folder / "config.toml"
    file.write_text(RECIPE.format(structured=structured))
    settings = load_settings({"ISTHMUS_CONFIG": str(file), "DISCORD_TOKEN": "t"})
    require(settings, "run")  # No key is asked for.
    return build_models(settings, httpx2.MockTransport(server))


@pytest.mark.parametrize("fenced", [False, True])
@pytest.mark.parametrize("structured", ["json_schema", "json_object"])
async def test_picture_is_described(tmp_path: Path, structured: str, fenced: bool) -> None:
    """With a schema where the server knows them, else with the schema in the instructions."""
    server = PlainServer(knows_schemas=structured == "json_schema", fenced=fenced)
    models = models_of(server, tmp_path, structured)
    picture = Picture(encoded(photo("chelsea")), "image/jpeg", 451, 300)
    reply = await models.vision.describe([picture], question="", language="en", person="p")
    assert reply.value.title == "A cat"
    assert reply.spend.usd is None  # No price is known, and no usage was told.
    (body,) = server.bodies
    assert body["response_format"]["type"] == structured
    assert ("visible_text" in body["messages"][0]["content"].split("schema")[-1]) or structured == "json_schema"
    await models.aclose()


async def test_question_is_answered_and_sound_written_down(tmp_path: Path) -> None:
    models = models_of(PlainServer(knows_schemas=False, fenced=False), tmp_path, "json_object")
    answer = await models.text.answer("What is it?", readings=[], turns=[], language="en", person="p")
    assert answer.value == "It is a cat."
    assert models.transcription is not None
    sound = Sound(b"RIFF", "piece.wav", "audio/wav", 1.0)
    heard = await models.transcription.transcribe(sound, context="", language="en")
    assert heard.value.text == "Hello there."
    await models.aclose()
