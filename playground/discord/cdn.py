"""The CDN: files behind signed URLs that expire."""

from __future__ import annotations

import hmac
import time

from aiohttp import web

from playground.discord.faults import Faults
from playground.discord.world import World


class Cdn:
    """Serves attachments."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self.downloads: list[str] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one file: 403 with a bad or expired signature, 404 when it is gone."""
        self.downloads.append(request.path)
        fault = self._faults.strike("GET", request.path)
        if fault is not None:
            match fault.action:
                case "status":
                    return web.Response(status=fault.status)
                case "redirect":
                    return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"})
                case "reset":
                    assert request.transport is not None
                    request.transport.abort()
                    return web.Response()
                case _:
                    pass
        expires = request.query.get("ex", "")
        signature = self._world.signature(request.path, expires)
        if not hmac.compare_digest(signature, request.query.get("hm", "")) or int(expires, 16) < time.time():
            return web.Response(status=403, text="This content is no longer available.")
        stored = self._world.attachments.get(int(request.match_info["attachment_id"]))
        if stored is None:
            return web.Response(status=404)
        data = stored.file.data
        if fault is not None and fault.action == "short_body":
            response = web.StreamResponse(headers={"Content-Length": str(len(data))})
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            assert request.transport is not None
            request.transport.abort()
            return response
        return web.Response(body=data, content_type="application/octet-stream")
