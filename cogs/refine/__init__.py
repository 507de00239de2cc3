"""Pictures drawn again, compared with their original and corrected, round after round."""

from cogs.refine._cog import RefineCog

__all__ = ["RefineCog"]
