"""What is slow the first time is done before the first person asks."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio
from openai.types.chat import ChatCompletion
from openai.types.moderation_create_response import ModerationCreateResponse
from openai.types.responses import Response
from services.ai.clients import Clients

needed = (Response, ChatCompletion, ModerationCreateResponse)
print([each.__pydantic_complete__ for each in needed])
asyncio.run(Clients().warm_up())
print([each.__pydantic_complete__ for each in needed])
"""


async def test_warm_up_builds_the_schemas_of_answers() -> None:
    """The SDK leaves its schemas unbuilt until an answer is read; after warming up they are there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", PROGRAM), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    before, after = said.decode().splitlines()
    assert before == str([False] * 3)
    assert after == str([True] * 3)
