"""JSON schemas of what models answer and of what tools take."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel


@cache
def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON schema, made once; not to be changed."""
    return model.model_json_schema()
