"""What Telegram refuses, in its own words, and what the sandbox itself refuses.

ApiError: to the bot, as Telegram would.
ControlError: to a test or the page, for an act that no person could do.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal that the bot gets as Telegram gives it.

    Attributes:
        code: HTTP status and `error_code`.
        description: Telegram's words.
        parameters: `ResponseParameters`: `retry_after` (seconds) or `migrate_to_chat_id`; else empty.
    """

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        self.code = code
        self.description = description
        self.parameters = parameters
        super().__init__(f"{code} {description}")

    def as_json(self) -> dict[str, Any]:
        """Return the body of the response."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class ControlError(Exception):
    """An act in the sandbox that cannot be done, said plainly to whoever drives it.

    Attributes:
        code: HTTP status: 400 for a wrong request, 404 for what is not there, 409 for what is not possible now.
    """

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


def bad_request(words: str) -> ApiError:
    """Refuse a request that is wrong, 400."""
    return ApiError(400, f"Bad Request: {words}")


def too_many_requests(seconds: int) -> ApiError:
    """Refuse a request that comes too soon, 429."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
