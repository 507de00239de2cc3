"""The JSON schemas that models are asked to fill; pydantic would write one anew for each call."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel


@cache
def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a model; shared, so not to be changed."""
    return model.model_json_schema()
