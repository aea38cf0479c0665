"""Runs the action server and the response server: `python -m actions`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import warnings
from typing import Any
from urllib.parse import urlsplit

import structlog
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from actions.nlg import answer
from actions.parts import make_parts, use_parts
from actions.turn import StoreUnavailable
from service.logs import set_up_logging
from service.settings import Settings, SettingsError, load_settings

log = structlog.get_logger()


class Executor(ActionExecutor):  # type: ignore[misc]  # rasa-sdk is untyped
    """Runs actions without the domain: no action of ours reads it, and Rasa would send all of it each time."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:  # noqa: ARG002 - rasa-sdk's signature
        """Give an empty domain; rasa-sdk asks for it again otherwise."""
        return {}


def make_app() -> Sanic[Any, Any]:
    """Put actions, response server and health check on one app."""
    executor = Executor()
    executor.register_package("actions")
    app: Sanic[Any, Any] = create_app(executor)
    app.config.ACCESS_LOG = False
    app.add_route(respond, "/nlg", methods=["POST"])
    app.add_route(tell_health, "/healthz", methods=["GET"])
    app.exception(StoreUnavailable)(refuse)
    return app


async def respond(request: Request) -> HTTPResponse:
    """Say a text that Rasa names. What goes wrong is a 500: then the bot says something kind, and asks again."""
    body = request.json or {}
    try:
        return json(await asyncio.to_thread(answer, body))
    except Exception as error:  # noqa: BLE001 - a fault in one text must not stop the others
        log.error(  # noqa: TRY400 - a traceback can repeat what a person typed
            "text_failed",
            name=str(body.get("response")),
            error=type(error).__name__,
        )
        return json({"error": type(error).__name__}, status=500)


async def tell_health(request: Request) -> HTTPResponse:  # noqa: ARG001 - Sanic's signature
    """Tell that the server answers."""
    return json({"status": "ok"})


async def refuse(request: Request, error: StoreUnavailable) -> HTTPResponse:  # noqa: ARG001 - Sanic's signature
    """Answer without repeating the request, as rasa-sdk does: Rasa logs it."""
    return json({"error": "the store cannot be reached"}, status=500)


def run(settings: Settings) -> None:
    """Serve until stopped."""
    set_up_logging()
    use_parts(make_parts(settings))
    warnings.filterwarnings("ignore", message="Your versions of rasa")  # tried together; Rasa 3.6 has no newer SDK
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    port = urlsplit(settings.actions_url).port or 5055
    make_app().run(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    try:
        run(load_settings(os.environ))
    except SettingsError as fault:
        print(fault, file=sys.stderr)
        sys.exit(2)
