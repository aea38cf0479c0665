from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine

from bot.sandbox.client import Sandbox
from bot.webhook import MAX_BODY, SECRET_HEADER, Webhook
from store.messages import InboxUpdate
from tests.bot.rig import Rig

SECRET = "a-secret-for-the-webhook"
USER = {"id": 1000, "is_bot": False, "first_name": "A"}
CHAT = {"id": 1000, "type": "private"}
UPDATE: dict[str, Any] = {
    "update_id": 7,
    "message": {"message_id": 5, "date": 1, "chat": CHAT, "from": USER, "text": "Wat is DUO?"},
}


@pytest.fixture
async def client(rig: Rig) -> AsyncIterator[httpx.AsyncClient]:
    app = Webhook(rig.parts, SECRET).app("/hook")
    headers = {SECRET_HEADER: SECRET}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot", headers=headers) as opened:
        yield opened


def _kept(rig: Rig) -> int:
    with rig.parts.sessions() as session:
        return session.query(InboxUpdate).count()


async def test_an_update_is_stored_before_telegram_hears_200(rig: Rig, client: httpx.AsyncClient) -> None:
    assert (await client.post("/hook", json=UPDATE)).status_code == 200
    assert _kept(rig) == 1
    assert rig.parts.arrived.is_set()


async def test_an_update_that_comes_twice_is_kept_once(rig: Rig, client: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await client.post("/hook", json=UPDATE)).status_code == 200
    assert _kept(rig) == 1


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], "é"])
async def test_without_the_secret_nothing_is_taken(rig: Rig, client: httpx.AsyncClient, secret: str) -> None:
    headers = {SECRET_HEADER: secret.encode()}
    assert (await client.post("/hook", json=UPDATE, headers=headers)).status_code == 403  # type: ignore[arg-type]
    assert _kept(rig) == 0


async def test_a_body_that_is_too_large_is_refused(rig: Rig, client: httpx.AsyncClient) -> None:
    assert (await client.post("/hook", content=b"a" * (MAX_BODY + 1))).status_code == 413


async def test_what_is_no_json_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/hook", content=b"{")).status_code == 400


@pytest.mark.parametrize("given", ["[]", '"x"', "null", "{}", '{"update_id": 8, "message": {"text": "x"}}'])
async def test_json_that_is_no_update_is_dropped_lest_it_comes_for_ever(
    rig: Rig, client: httpx.AsyncClient, given: str
) -> None:
    assert (await client.post("/hook", content=given)).status_code == 200
    assert _kept(rig) == 0


async def test_other_ways_in_are_closed(client: httpx.AsyncClient) -> None:
    assert (await client.get("/hook")).status_code == 405
    assert (await client.post("/", json=UPDATE)).status_code == 404


async def test_while_the_database_fails_telegram_is_asked_to_come_again_and_the_person_told(
    rig: Rig, client: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    newcomer = await sandbox.newcomer(1000).enters()
    await newcomer.says("/start")
    engine = rig.parts.sessions.kw["bind"]
    broken = create_engine("sqlite:////nowhere/at/all.db")
    rig.parts.sessions.configure(bind=broken)
    for _ in range(2):
        assert (await client.post("/hook", json=UPDATE)).status_code == 503
    assert len(await newcomer.replies()) == 1
    rig.parts.sessions.configure(bind=engine)
    broken.dispose()
    assert (await client.post("/hook", json=UPDATE)).status_code == 200
    assert _kept(rig) == 1
