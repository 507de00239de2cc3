"""A scripted model server, and the real openai client that asks it."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from openai import AsyncOpenAI

from playground.models import ScriptedModels


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedModels]:
    async with ScriptedModels() as server:
        yield server


@pytest.fixture
async def client(server: ScriptedModels) -> AsyncGenerator[AsyncOpenAI]:
    """A client that raises when an answer does not have the shape that its types promise."""
    client = AsyncOpenAI(
        api_key=server.key,
        base_url=server.base_url,
        max_retries=0,
        timeout=10,
        _strict_response_validation=True,
    )
    yield client
    await client.close()


def data_url(picture: bytes, kind: str = "jpeg") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def looking(text: str, *pictures: bytes, detail: str = "high") -> list[Any]:
    """Return the input of a Responses call that looks at pictures."""
    images = [{"type": "input_image", "image_url": data_url(each), "detail": detail} for each in pictures]
    return [{"role": "user", "content": [{"type": "input_text", "text": text}, *images]}]


def chatting(text: str, *pictures: bytes) -> list[Any]:
    """Return the messages of a Chat Completions call that looks at pictures."""
    images = [
        {"type": "image_url", "image_url": {"url": data_url(each), "detail": "high"}} for each in pictures
    ]
    return [
        {"role": "system", "content": "Describe."},
        {"role": "user", "content": [{"type": "text", "text": text}, *images]},
    ]
