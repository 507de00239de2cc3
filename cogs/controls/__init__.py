"""Buttons that every job has: Stop, Try again, Delete."""

from cogs.controls._cog import ControlsCog
from cogs.controls._views import PressedButton

__all__ = ["ControlsCog", "PressedButton"]
