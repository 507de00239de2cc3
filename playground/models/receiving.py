"""Requests as they come over the wire: JSON, or a form with files."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import BodyPartReader, web

from playground.models.calls import ModelCall, Upload
from playground.models.errors import ApiError


async def receive(request: web.Request) -> ModelCall:
    """Read a request.

    Raises:
        ApiError: It is neither a JSON object nor a form.
    """
    headers = {
        name.lower(): value for name, value in request.headers.items() if name.lower() != "authorization"
    }
    call = ModelCall(request.path, {}, headers)
    if request.content_type == "multipart/form-data":
        call.body, call.uploads = await _form(request)
        return call
    try:
        call.body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ApiError(400, "", "We could not parse the JSON body of your request.") from error
    if not isinstance(call.body, dict):
        raise ApiError(400, "", "Expected a JSON object as the body of your request.")
    return call


async def _form(request: web.Request) -> tuple[dict[str, Any], list[Upload]]:
    fields: dict[str, Any] = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ApiError(400, "", "Could not parse multipart form")
        data = bytes(await part.read())
        if part.filename is not None:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(Upload(part.name, part.filename, kind, data))
        elif part.name.endswith("[]"):
            fields.setdefault(part.name, []).append(data.decode())
        else:
            fields[part.name] = data.decode()
    return fields, uploads
