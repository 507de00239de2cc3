"""The CDN: files behind signed URLs that expire."""

from __future__ import annotations

import asyncio

from aiohttp import web

from playground.discord.faults import Fault, Faults
from playground.discord.world import World

FOLDERS = ("attachments", "ephemeral-attachments")
_GONE = "This content is no longer available."
_PIECES = 8


class Cdn:
    """Serves attachments.

    Attributes:
        downloads: The paths that were asked for, in order.
    """

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self.downloads: list[str] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve a file or a range of it: 403 with a bad or expired signature, 404 when it is gone."""
        self.downloads.append(request.path)
        self._world.changed()
        fault = self._faults.strike("GET", request.path)
        if fault is not None and (answer := await _strike(request, fault)) is not None:
            return answer
        number = request.match_info["attachment_id"]
        stored = self._world.attachments.get(int(number)) if number.isdigit() else None
        if not self._world.urls.is_valid(request.path, request.query):
            return web.Response(status=403, text=_GONE)
        if stored is None:
            return web.Response(status=404, text=_GONE)
        headers = {
            "Content-Type": stored.content_type or "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{stored.filename}"',
            "Accept-Ranges": "bytes",
        }
        data = stored.file.data
        if fault is not None and fault.action in {"short_body", "slow_body"}:
            return await _write_badly(request, data, headers, fault)
        try:
            wanted = request.http_range
        except ValueError:
            wanted = slice(len(data), None)
        if wanted.start is None and wanted.stop is None:
            return web.Response(body=data, headers=headers)
        first, end, _ = wanted.indices(len(data))
        if first >= end:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(data)}"
        return web.Response(status=206, body=data[first:end], headers=headers)


async def _strike(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Strike before the file is looked for; None to go on."""
    match fault.action:
        case "status" | "html":
            return web.Response(status=fault.status, text="<html>error</html>", content_type="text/html")
        case "redirect":
            return web.Response(status=302, headers={"Location": fault.location})
        case "reset":
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        case "delay":
            await asyncio.sleep(fault.seconds)
            return None
        case _:
            return None


async def _write_badly(
    request: web.Request, data: bytes, headers: dict[str, str], fault: Fault
) -> web.StreamResponse:
    """Write a body that ends too early, or comes in pieces with pauses."""
    response = web.StreamResponse(headers=headers | {"Content-Length": str(len(data))})
    await response.prepare(request)
    if fault.action == "short_body":
        await response.write(data[: len(data) // 2])
        if request.transport is not None:
            request.transport.close()  # what was written is still sent
        return response
    size = max(1, -(-len(data) // _PIECES))
    for first in range(0, len(data), size):
        await response.write(data[first : first + size])
        await asyncio.sleep(fault.seconds)
    return response
