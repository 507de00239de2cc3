"""Warm model children: loading models takes longer than most tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest_asyncio

from services.ai.offline.model_children import ModelChildren

MEMORY_BYTES = 1_200 * 1024 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def children() -> AsyncGenerator[ModelChildren]:
    """One child as the bot has it, for a module of tests."""
    found = ModelChildren(children=1, memory_bytes=MEMORY_BYTES, idle_seconds=600)
    yield found
    await found.aclose()
