"""The gateway: events over WebSocket."""

from playground.discord.gateway.gateway import Gateway

__all__ = ["Gateway"]
