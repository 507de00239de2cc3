"""How a decoder in a sandbox child says that it does not open its file, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RefusedError(Exception):
    """This file is not decoded, and why."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.refusal: Mapping[str, Any] = {"code": code, "params": params}
