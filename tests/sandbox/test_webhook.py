from __future__ import annotations

import asyncio
import queue
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest

from bot.sandbox.bell import Bell
from bot.sandbox.client import Sandbox
from tests.sandbox.serving import served


class Receiver:
    """Stands where the bot's webhook would, and answers with the statuses it is given, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses: list[int] = []
        self.posts: queue.Queue[tuple[dict[str, Any], str | None]] = queue.Queue()

    async def receive(self, request: Request) -> Response:
        self.posts.put((await request.json(), request.headers.get("x-telegram-bot-api-secret-token")))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def next_text(self) -> str:
        update, _ = await asyncio.to_thread(self.posts.get, timeout=5)
        return str(update["message"]["text"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    waiting = Receiver()
    with served(Starlette(routes=[Route("/hook", waiting.receive, methods=["POST"])]), Bell()) as url:
        waiting.url = f"{url}/hook"
        yield waiting


async def test_updates_are_posted_in_order_with_the_secret(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("voor de webhook er was")
    assert await bot.set_webhook(receiver.url, secret_token="geheim_geheim_12")
    await newcomer.says("erna")
    update, secret = await asyncio.to_thread(receiver.posts.get, timeout=5)
    assert (update["message"]["text"], secret) == ("voor de webhook er was", "geheim_geheim_12")
    assert await receiver.next_text() == "erna"


async def test_an_update_comes_again_until_it_is_taken(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [500, 403]
    await bot.set_webhook(receiver.url)
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("een")
    await newcomer.says("twee")
    assert [await receiver.next_text() for _ in range(4)] == ["een", "een", "een", "twee"]
    info = await bot.get_webhook_info()
    assert info.last_error_message in {
        "Wrong response from the webhook: 500 Internal Server Error",
        "Wrong response from the webhook: 403 Forbidden",
    }


async def test_what_waits_is_counted_and_can_be_dropped(bot: Bot, sandbox: Sandbox) -> None:
    await bot.set_webhook("http://127.0.0.1:1/hook", allowed_updates=["message"], max_connections=2)
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("een")
    await newcomer.says("twee")
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("http://127.0.0.1:1/hook", 2)
    assert (info.allowed_updates, info.max_connections) == (("message",), 2)
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_what_the_webhook_did_not_take_can_be_polled(bot: Bot, sandbox: Sandbox) -> None:
    await bot.set_webhook("http://127.0.0.1:1/hook")
    await sandbox.newcomer(1000).says("een")
    await bot.delete_webhook()
    assert [update.message.text for update in await bot.get_updates(timeout=0)] == ["een"]


async def test_another_address_takes_over_at_once(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    await bot.set_webhook("http://127.0.0.1:1/hook")
    await sandbox.newcomer(1000).says("een")
    await bot.set_webhook(receiver.url)
    assert await receiver.next_text() == "een"


@pytest.mark.parametrize("url", ["http://example.org/hook", "ftp://127.0.0.1/hook"])
async def test_only_https_or_this_machine_is_taken(bot: Bot, url: str) -> None:
    with pytest.raises(BadRequest, match="an https url must be provided for webhook"):
        await bot.set_webhook(url)


async def test_a_secret_with_other_characters_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Secret token contains unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:1/hook", secret_token="geheim!")
