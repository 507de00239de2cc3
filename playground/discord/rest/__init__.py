"""The REST API, version 10: what a bot with a gateway or without one asks for."""

from __future__ import annotations

from playground.discord.gateway import Gateway
from playground.discord.interactions import Interactions
from playground.discord.rate_limits import RateLimits
from playground.discord.rest.account import Account
from playground.discord.rest.call import Call, Handler, Routes, read
from playground.discord.rest.channels import Channels
from playground.discord.rest.commands import Commands
from playground.discord.rest.guilds import Guilds
from playground.discord.rest.interactions import Responses
from playground.discord.rest.messages import Messages
from playground.discord.rest.reactions import Reactions
from playground.discord.rest.threads import Threads
from playground.discord.world import World

__all__ = ["Call", "Handler", "Routes", "all_routes", "read"]


def all_routes(world: World, gateway: Gateway, interactions: Interactions, limits: RateLimits) -> Routes:
    """Return every route that is served."""
    return {
        **Account(world, gateway).routes(),
        **Commands(world).routes(),
        **Guilds(world).routes(),
        **Channels(world, limits).routes(),
        **Messages(world).routes(),
        **Reactions(world).routes(),
        **Threads(world).routes(),
        **Responses(world, interactions).routes(),
    }
