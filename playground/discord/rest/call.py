"""Requests as the handlers of routes see them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from playground.discord.errors import DiscordError, MissingFeatureError
from playground.discord.forms.checks import snowflake_of, typed
from playground.discord.forms.messages import Form
from playground.discord.state import File


@dataclass(slots=True)
class Call:
    """One request, and how it was answered."""

    method: str
    path: str
    """Without `/api/v10`, percent signs decoded."""
    ids: dict[str, str]
    """The parameters of the path."""
    query: dict[str, str]
    body: Any = None
    """The JSON body; of a form, its `payload_json`."""
    files: dict[int, File] = field(default_factory=dict[int, File])
    """The uploaded files by their numbers."""
    at: float = field(default_factory=time.monotonic)
    status: int = 0
    """Of the answer; 0 until there is one, and when it was lost."""

    def id(self, name: str) -> int:
        """Return an id of the path."""
        return snowflake_of(name, self.ids[name])

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body, which must be an object."""
        return typed("body", {} if self.body is None else self.body, dict)

    @property
    def form(self) -> Form:
        """The body as that of a message."""
        return Form(self.fields, self.files)

    def number(self, name: str, default: int) -> int:
        """Return a number of the query."""
        return snowflake_of(name, self.query.get(name, default))


Handler: TypeAlias = Callable[[Call], Any]
"""Returns the JSON body of a 200, or None for a 204."""
Routes: TypeAlias = dict[tuple[str, str], Handler]
"""By method and path."""


async def read(request: web.Request, call: Call) -> None:
    """Read the body of a request: JSON, or a form with `payload_json` and `files[n]`."""
    try:
        if request.content_type == "multipart/form-data":
            await _read_form(request, call)
        elif request.can_read_body:
            text = await request.text()
            call.body = json.loads(text) if text else None
    except ValueError:
        raise DiscordError(400, 50109) from None
    except HTTPRequestEntityTooLarge:
        raise DiscordError(413, 40005) from None


async def _read_form(request: web.Request, call: Call) -> None:
    for name, value in (await request.post()).items():
        if name == "payload_json":
            call.body = json.loads(str(value))
        elif name.startswith("files[") and isinstance(value, web.FileField):
            number = snowflake_of("files", name.removeprefix("files[").removesuffix("]"))
            call.files[number] = File(value.filename, value.file.read())
        else:
            raise MissingFeatureError(f"form field {name}")
