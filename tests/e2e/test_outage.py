"""While a part is down nobody meets silence: kind words at once, and the answer when it is back."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from bot.sandbox.client import Person
from tests.e2e.conftest import Say
from tests.e2e.stack import Stack


@contextmanager
def stopped(stack: Stack, part: str) -> Iterator[None]:
    """Stop a part; it answers again before the next test begins."""
    stack.stop_part(part)
    try:
        yield
    finally:
        stack.start_part(part)
        stack.wait_for(part)


@contextmanager
def database_down(stack: Stack) -> Iterator[None]:
    """Let nobody into the stack's PostgreSQL database, and throw out who is there."""
    url = make_url(stack.database_url)
    server = url.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        allow = sql.SQL("alter database {} allow_connections {}")
        connection.execute(allow.format(sql.Identifier(str(url.database)), sql.SQL("false")))
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (url.database,))
        try:
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(str(url.database)), sql.SQL("true")))


@pytest.mark.parametrize("part", ["rasa", "actions"])
async def test_kind_words_while_a_part_is_down_and_the_answer_after(
    stack: Stack, newcomer: Person, say: Say, part: str
) -> None:
    with stopped(stack, part):
        await newcomer.says("Wat is het PIP?")
        sorry = await newcomer.next_reply(30)

    answer = await newcomer.next_reply(90)

    assert sorry.html == say("chat/later")
    assert "Plan Inburgering" in answer.text
    assert await newcomer.replies(at_least=0, quiet=3) == []


async def test_kind_words_while_the_database_is_down_and_the_answer_after(
    postgres_stack: Stack, postgres_newcomer: Person, say: Say
) -> None:
    with database_down(postgres_stack):
        await postgres_newcomer.says("Wat is het PIP?")
        sorry = await postgres_newcomer.next_reply(30)

    answer = await postgres_newcomer.next_reply(90)

    assert sorry.html == say("chat/later")
    assert "Plan Inburgering" in answer.text


async def test_a_person_can_be_asked_for_while_rasa_is_down(stack: Stack, newcomer: Person) -> None:
    with stopped(stack, "rasa"):
        await newcomer.says("/mens")

        assert "coaches" in (await newcomer.next_reply(30)).text
