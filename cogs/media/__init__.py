"""Pictures posted, mentioned, linked or handed to a command: described in a thread."""

from cogs.media._cog import MediaCog

__all__ = ["MediaCog"]
