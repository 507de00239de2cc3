"""What a sandbox child says about its file: read as a stranger's words, because it may have been taken over."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from services.errors import MediaError
from services.media._zygote import FRAME

log = logging.getLogger(__name__)

MAX_HEAD_BYTES = 1_000_000
MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ChildResult:
    """What a decoder answered: facts as JSON, and pieces of bytes."""

    facts: Mapping[str, Any]
    payloads: tuple[bytes, ...]


class NoAnswerError(Exception):
    """The child ended before it had answered."""


class _Refusal(BaseModel):
    code: Annotated[str, Field(pattern=r"^media-[a-z-]{1,40}$")]
    params: dict[str, Annotated[str, Field(max_length=100)]]


class _Head(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    result: dict[str, Any] | None = None
    sizes: list[NonNegativeInt] = []
    refused: _Refusal | None = None
    failed: Literal["memory", "broken"] | None = None
    where: Annotated[str, Field(max_length=200)] = ""


async def read_answer(connection: socket.socket) -> ChildResult:
    """Read a child's one frame.

    Raises:
        MediaError: The child refused its file or failed at it, or what it says makes no sense.
        NoAnswerError: It ended first.
    """
    head_bytes, payload_bytes = FRAME.unpack(await _read(connection, FRAME.size))
    if head_bytes > MAX_HEAD_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise MediaError("media-decoder-died")
    encoded = await _read(connection, head_bytes)
    try:
        head = _Head.model_validate_json(encoded)
    except ValidationError:
        log.warning("A decoding child answered nonsense")
        raise MediaError("media-decoder-died") from None
    if head.refused is not None:
        raise MediaError(head.refused.code, **head.refused.params)
    if head.failed is not None:
        log.info("A file could not be decoded: %s %r", head.failed, head.where)
        raise MediaError("media-too-complex" if head.failed == "memory" else "media-broken")
    if head.result is None or sum(head.sizes) != payload_bytes:
        raise MediaError("media-decoder-died")
    return ChildResult(head.result, tuple([bytes(await _read(connection, size)) for size in head.sizes]))


async def _read(connection: socket.socket, count: int) -> bytearray:
    """Read so many bytes, holding no more memory than has really arrived."""
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < count:
        try:
            piece = await loop.sock_recv(connection, min(count - len(data), READ_BYTES))
        except OSError:
            piece = b""
        if not piece:
            raise NoAnswerError
        data += piece
    return data
