"""The instructions that models get; each a Markdown file beside this one."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def load(name: str) -> str:
    """Return the instructions in `<name>.md`."""
    return (Path(__file__).parent / f"{name}.md").read_text("utf-8").strip()
