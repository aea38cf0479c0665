from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.errors import ApiError
from bot.sandbox.limits import Limits

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_thirty_messages_a_second_go_out_in_all() -> None:
    limits = Limits()
    limits.switch(on=True)
    for chat_id in range(30):
        limits.count(chat_id, is_private=True, now=NOW)
    with pytest.raises(ApiError) as refused:
        limits.count(99, is_private=True, now=NOW + timedelta(seconds=0.5))
    assert refused.value.as_json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    limits.count(99, is_private=True, now=NOW + timedelta(seconds=1))


def test_limits_that_are_off_count_nothing() -> None:
    limits = Limits()
    for _ in range(100):
        limits.count(1, is_private=False, now=NOW)
    limits.switch(on=True)
    limits.count(1, is_private=False, now=NOW)
