"""Checks requests against the official OpenAPI descriptions of Discord and OpenAI."""

from playground.api_description.description import ApiDescription
from playground.api_description.finding import find_description

__all__ = ["ApiDescription", "find_description"]
