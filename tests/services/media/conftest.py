"""What tests of decoding share."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from services.media.sandbox import Sandbox
from services.settings import LimitSettings
from tests.services.media.decoding import Decoder
from tests.services.media.hearing import Ear


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def decoding_sandbox() -> AsyncGenerator[Sandbox]:
    """One warm sandbox for a module of tests: starting it takes longer than most pictures."""
    limits = LimitSettings()
    sandbox = Sandbox(
        children=limits.decode_children,
        memory_bytes=limits.decode_memory_bytes,
        wall_seconds=limits.decode_seconds,
        preload=["services.media.images", "services.media.sound", "services.media.inspection"],
    )
    yield sandbox
    await sandbox.aclose()


@pytest.fixture
def decode(decoding_sandbox: Sandbox, tmp_path: Path) -> Decoder:
    return Decoder(decoding_sandbox, tmp_path)


@pytest.fixture
def hear(decoding_sandbox: Sandbox, tmp_path: Path) -> Ear:
    return Ear(decoding_sandbox, tmp_path)
