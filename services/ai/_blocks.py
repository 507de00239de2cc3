"""Delimited data blocks: material that a model reads and never obeys."""

from __future__ import annotations

import secrets


class Blocks:
    """Builds one prompt. Its delimiters carry a mark, so no content can forge one.

    Args:
        mark: 8 hex digits that nobody else knows, where prompts have to begin alike; random by default.
    """

    def __init__(self, mark: str = "") -> None:
        self._mark = mark[:8] or secrets.token_hex(4)
        self._parts: list[str] = []

    def data(self, name: str, content: str) -> None:
        """Add material."""
        self._parts.append(f"[data {self._mark} {name}]\n{content}\n[end {self._mark} {name}]")

    def request(self, text: str) -> None:
        """Add what the asker wants."""
        self._parts.append(f"Request of the asker:\n{text}")

    def note(self, text: str) -> None:
        """Add a remark of ours."""
        self._parts.append(text)

    def __str__(self) -> str:
        return "\n\n".join(self._parts)
