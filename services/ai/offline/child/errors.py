"""What the parts of a model child raise."""

from __future__ import annotations


class UnreadableError(Exception):
    """What was sent is no picture or no sound."""


class MissingPartError(Exception):
    """A package is not installed, cannot be loaded, or holds other weights than those that were checked."""
