"""Discord's way of saying no: a status, a code and a message."""

from __future__ import annotations

from typing import Any

MESSAGES = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50013: "Missing Permissions",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50083: "Thread is archived",
    160004: "A thread has already been created for this message",
    160005: "Thread is locked",
    160006: "Maximum number of active threads reached",
}


class DiscordError(Exception):
    """Becomes the JSON error of a REST answer."""

    def __init__(self, status: int, code: int, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {"code": code, "message": MESSAGES.get(code, "Error")}
        if errors:
            self.body["errors"] = errors


def invalid(field: str, code: str, message: str) -> DiscordError:
    """Return the 400 of a form field that is not acceptable."""
    return DiscordError(400, 50035, {field: {"_errors": [{"code": code, "message": message}]}})
