"""One call of each kind against a made-up answer: the SDK builds its schemas at the first answer it reads.

That takes a third of a second of processor time, which would stall the event loop, and the first
person's answer with it, in the middle of the work.
"""

from __future__ import annotations

import json
from typing import Any

import httpx2
from openai import AsyncOpenAI

_MESSAGE: dict[str, Any] = {
    "id": "msg_0",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "", "annotations": []}],
}
_RESPONSE: dict[str, Any] = {
    "id": "resp_0",
    "object": "response",
    "created_at": 0,
    "model": "none",
    "status": "completed",
    "output": [_MESSAGE],
    "parallel_tool_calls": False,
    "tool_choice": "auto",
    "tools": [],
}
_EVENTS: list[dict[str, Any]] = [
    {"type": "response.output_item.added", "sequence_number": 0, "output_index": 0, "item": _MESSAGE},
    {"type": "response.completed", "sequence_number": 1, "response": _RESPONSE},
]
_COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-0",
    "object": "chat.completion",
    "created": 0,
    "model": "none",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ""}}],
}
_MODERATION: dict[str, Any] = {"id": "modr-0", "model": "none", "results": []}


async def rehearse() -> None:
    """Make the calls. They reach no network; run it off the event loop that serves people."""
    transport = httpx2.MockTransport(_answer)
    async with AsyncOpenAI(
        api_key="none", base_url="http://rehearsal", http_client=httpx2.AsyncClient(transport=transport)
    ) as client:
        await client.responses.create(model="none", input="")
        async with await client.responses.create(model="none", input="", stream=True) as events:
            async for _ in events:
                pass
        await client.chat.completions.create(model="none", messages=[])
        await client.moderations.create(model="none", input="")
        await client.audio.transcriptions.create(model="none", file=("none.wav", b""))


def _answer(request: httpx2.Request) -> httpx2.Response:
    if request.url.path.endswith("/transcriptions"):
        return httpx2.Response(200, json={"text": ""})
    if json.loads(request.content).get("stream"):
        lines = "".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in _EVENTS)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=lines)
    answers = {"responses": _RESPONSE, "completions": _COMPLETION, "moderations": _MODERATION}
    return httpx2.Response(200, json=answers[request.url.path.rpartition("/")[2]])
