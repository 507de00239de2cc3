"""Errors in the words of the real API."""

from __future__ import annotations

from aiohttp import web

_TYPES = {
    "insufficient_quota": "insufficient_quota",
    "credit_balance_exhausted": "insufficient_quota",
    "rate_limit_exceeded": "requests",
    "moderation_blocked": "image_generation_user_error",
}
_STATUS_TYPES = {
    403: "permission_error",
    408: "timeout_error",
    409: "conflict_error",
    429: "requests",
    500: "server_error",
    501: "not_implemented",
    503: "service_unavailable_error",
}
_MESSAGES = {
    "insufficient_quota": "You exceeded your current quota, please check your plan and billing details.",
    "credit_balance_exhausted": "Your credit balance is exhausted.",
    "rate_limit_exceeded": "Rate limit reached. Please try again later.",
    "moderation_blocked": "Your request was rejected by the safety system. safety_violations=[violence]",
    "slow_down": "The server is overloaded. Please slow down.",
    "invalid_api_key": "Incorrect API key provided.",
    "context_length_exceeded": "Your input exceeds the context window of this model.",
}


class ApiError(Exception):
    """An error that the API answers with.

    `code` is the API's own; the type follows from it and the status.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str = "",
        *,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message or code)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = headers or {}

    @property
    def body(self) -> dict[str, object]:
        """The JSON that is answered."""
        kind = _TYPES.get(self.code) or _STATUS_TYPES.get(self.status, "invalid_request_error")
        message = self.message or _MESSAGES.get(
            self.code, f"The scripted model server was told to fail: {self.code}"
        )
        return {"error": {"message": message, "type": kind, "param": self.param, "code": self.code or None}}

    def response(self) -> web.Response:
        """Return the HTTP answer."""
        return web.json_response(self.body, status=self.status, headers=self.headers)
