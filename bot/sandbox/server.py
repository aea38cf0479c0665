"""Runs an ASGI app until told to stop, without waiting for long polls."""

from __future__ import annotations

import asyncio
import socket
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from bot.sandbox.bell import Bell


class Server(uvicorn.Server):
    """A uvicorn that wakes its long polls when it stops."""

    def __init__(self, app: ASGIApp, port: int, bell: Bell) -> None:
        # Paths of the Bot API hold the token: no access log.
        super().__init__(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=port,
                access_log=False,
                log_level="warning",
                ws="none",
                timeout_graceful_shutdown=2,
            )
        )
        self._bell = bell
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal or `stop`."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def stop(self) -> None:
        """Ask the server to stop, from any thread."""
        self.should_exit = True
        self._wake()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop on a signal."""
        self._wake()
        super().handle_exit(sig, frame)

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._bell.close)
