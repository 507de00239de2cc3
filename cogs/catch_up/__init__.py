"""Goes on where the bot stopped: finds what was posted while it was away."""

from cogs.catch_up._cog import CatchUpCog

__all__ = ["CatchUpCog"]
