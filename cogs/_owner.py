"""A direct message to whoever the application belongs to, by REST alone."""

from __future__ import annotations

import logging

import discord
from services.errors import BusyError

from cogs._rest import retried

log = logging.getLogger(__name__)


async def tell_owner(client: discord.Client, text: str) -> None:
    """Write to the application's owner, or to its team's; never raises.

    A team's own account cannot be written to, the person who owns the team can.
    """
    try:
        application = await retried(client.application_info)
        owner_id = application.owner.id
        if application.team is not None and application.team.owner_id is not None:
            owner_id = application.team.owner_id
        channel = await retried(lambda: client.http.start_private_message(owner_id))
        messageable = client.get_partial_messageable(int(channel["id"]))
        await retried(lambda: messageable.send(text, allowed_mentions=discord.AllowedMentions.none()))
    except (discord.HTTPException, BusyError) as error:
        log.warning("The owner could not be told (%s)", type(error).__name__)
