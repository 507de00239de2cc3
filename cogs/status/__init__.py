"""The command `/status`: one's own jobs and what is left of the day's budget."""

from cogs.status._cog import StatusCog

__all__ = ["StatusCog"]
