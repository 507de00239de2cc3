"""What a slash command or menu shows to its user, by the interaction's token, also from a worker."""

from __future__ import annotations

import logging
from typing import Any

import discord
import discord.http
from services.domain import JobRequest
from services.errors import BusyError
from services.store.interactions import InteractionRepository

from cogs._rest import retried

log = logging.getLogger(__name__)


class CommandResponses:
    """Edits the response to an interaction; an edit is safe to repeat."""

    def __init__(self, *, client: discord.Client, interactions: InteractionRepository) -> None:
        self._client = client
        self._interactions = interactions

    async def anchor(self, request: JobRequest, text: str) -> int | None:
        """Fill the response to a command with a file; return its message id.

        None when the fifteen minutes in which a response can be filled are over, or it is gone.
        """
        try:
            return await self._edit(request, text)
        except discord.HTTPException as error:
            log.info("Job %s: command not answered (code %s)", request.job_id, error.code)
            return None

    async def point_to(self, request: JobRequest, text: str) -> None:
        """Tell the command's user where the answer is; best effort."""
        try:
            await self._edit(request, text)
        except (discord.HTTPException, BusyError) as error:
            log.info("Job %s: command not answered (%s)", request.job_id, type(error).__name__)

    async def _edit(self, request: JobRequest, text: str) -> int | None:
        assert request.interaction_id is not None, "only commands and menus have a response"
        kept = await self._interactions.get(request.interaction_id)
        if kept is None:
            return None
        route = discord.http.Route(
            "PATCH",
            "/webhooks/{application_id}/{interaction_token}/messages/@original",
            application_id=kept.application_id,
            interaction_token=kept.token,
        )
        change: dict[str, Any] = {"content": text, "allowed_mentions": {"parse": []}}
        message = await retried(lambda: self._client.http.request(route, json=change))
        return int(message["id"])
