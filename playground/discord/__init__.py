"""A local Discord: REST, gateway and CDN on loopback, for the real discord.py to talk to."""

from playground.discord.faults import Fault
from playground.discord.permissions import Permission
from playground.discord.rate_limits import Limit, RateLimits
from playground.discord.server import LocalDiscord
from playground.discord.state import File

__all__ = ["Fault", "File", "Limit", "LocalDiscord", "Permission", "RateLimits"]
