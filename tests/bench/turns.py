"""How long a newcomer waits: `python -m tests.bench.turns`, through Telegram (the local one), bot, Rasa and back.

Each newcomer asks one question; the questions come at a fixed rate. Beside it, in the same run and at the same rate,
the same questions asked of Rasa alone: the ratio is what our own parts add.
"""

# ruff: noqa: T201 -- a command line prints

from __future__ import annotations

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx

from bot.sandbox.client import Person, Sandbox
from tests.e2e.stack import Stack

RATES = ((10, 100), (30, 200))  # questions a second, questions in all
WARM_UP = (5, 20)  # not measured: the first turns of a process load what later ones have
QUESTIONS = ("Hoe lang heb ik om in te burgeren?", "Wat is het PIP?", "Krijg ik een boete?", "Is het Welkomhuis open?")
LONGEST_SECONDS = 60.0
ids = itertools.count(5000)


async def at_rate(rate: int, asks: list[Callable[[], Awaitable[None]]]) -> list[float]:
    """Start all *asks* at a rate; return how long each took, in seconds, shortest first."""

    async def one(delay: float, ask: Callable[[], Awaitable[None]]) -> float:
        await asyncio.sleep(delay)
        begin = time.perf_counter()
        await ask()
        return time.perf_counter() - begin

    return sorted(await asyncio.gather(*(one(n / rate, ask) for n, ask in enumerate(asks))))


async def through_telegram(sandbox: Sandbox, rate: int, count: int) -> list[float]:
    """Measure the whole way; everybody has met the bot before."""
    people = [sandbox.newcomer(next(ids)) for _ in range(count)]
    await asyncio.gather(*(meet(person) for person in people))

    async def ask(person: Person, question: str) -> None:
        await person.says(question)
        await person.next_reply(LONGEST_SECONDS)

    asked = zip(people, itertools.cycle(QUESTIONS), strict=False)
    return await at_rate(rate, [partial(ask, person, question) for person, question in asked])


async def meet(person: Person) -> None:
    """Let the bot introduce itself first."""
    await person.says("/start")
    await person.next_reply(LONGEST_SECONDS)


async def rasa_alone(rasa_url: str, rate: int, count: int) -> list[float]:
    """Measure Rasa with the action server behind it, without Telegram and bot."""
    async with httpx.AsyncClient(base_url=rasa_url, timeout=LONGEST_SECONDS) as client:

        async def ask(sender: str, question: str) -> None:
            body = {"sender": sender, "message": question, "metadata": {"language": "nl"}}
            (await client.post("/webhooks/rest/webhook", json=body)).raise_for_status()

        asked = itertools.islice(itertools.cycle(QUESTIONS), count)
        return await at_rate(rate, [partial(ask, f"bench{next(ids)}", question) for question in asked])


def row(name: str, seconds: list[float], beside: float) -> str:
    """Write a row of the table."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"| {name} | {statistics.median(seconds):.3f} | {p95:.3f} | {seconds[-1]:.3f} | {p95 / beside:.1f} |"


async def measure(stack: Stack) -> None:
    """Measure at each rate and print a table."""
    await rasa_alone(stack.rasa_url, *WARM_UP)
    print("| way | p50 s | p95 s | longest s | p95 beside Rasa alone |\n|---|---|---|---|---|")
    async with Sandbox(stack.sandbox_url) as sandbox:
        for rate, count in RATES:
            alone = await rasa_alone(stack.rasa_url, rate, count)
            whole = await through_telegram(sandbox, rate, count)
            beside = statistics.quantiles(alone, n=20)[-1]
            print(row(f"{rate}/s, Rasa alone", alone, beside))
            print(row(f"{rate}/s, Telegram to Telegram", whole, beside), flush=True)


def main() -> None:
    """Start everything, measure, stop everything."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        stack.start()
        try:
            asyncio.run(measure(stack))
        finally:
            stack.end()


if __name__ == "__main__":
    main()
