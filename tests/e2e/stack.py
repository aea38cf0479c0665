"""All parts of one `make run`, as real processes on free ports, in a folder of their own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

import httpx
from supervisor.xmlrpc import SupervisorTransport

from service.settings import ROOT

READY_SECONDS = 120.0
READY = "Wegwijs answers"


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


class Stack:
    """The parts, their addresses, and a hand to stop, start and kill each of them.

    Args:
        folder: Where everything is kept that is made at run time; the log of all parts is `log` in it.
        settings: WEGWIJS_... variables beside those for addresses.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        sandbox, rasa, actions = free_port(), free_port(), free_port()
        self.sandbox_url = f"http://127.0.0.1:{sandbox}"
        self.rasa_url = f"http://127.0.0.1:{rasa}"
        self.actions_url = f"http://127.0.0.1:{actions}"
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("WEGWIJS_")} | {
            "WEGWIJS_VAR": str(folder),
            "WEGWIJS_SANDBOX_PORT": str(sandbox),
            "WEGWIJS_RASA_PORT": str(rasa),
            "WEGWIJS_ACTIONS_URL": self.actions_url,
            **settings,
        }

    def start(self) -> None:
        """Start all parts and wait until they answer; fail with the end of their log when they do not."""
        folder_log = self.log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.run"], cwd=ROOT, env=self.env, stdout=folder_log, stderr=subprocess.STDOUT
        )
        folder_log.close()
        self._wait_for_log(READY)
        transport = SupervisorTransport(None, None, f"unix://{self.folder}/supervisor.sock")
        self._proxy: Any = ServerProxy("http://127.0.0.1", transport=transport)

    def _wait_for_log(self, words: str) -> None:
        until = time.monotonic() + READY_SECONDS
        while words not in self.log.read_text(errors="replace"):
            if time.monotonic() > until or self._process.poll() is not None:
                end = self.log.read_text(errors="replace")[-4000:]
                raise AssertionError(f"the parts did not get ready:\n{end}")
            time.sleep(0.2)

    def end(self) -> int:
        """Stop everything, as Ctrl-C does; return the exit code."""
        self._proxy("close")()
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=60)

    def pid(self, part: str) -> int:
        """Return the process id of a part; 0 while it does not run."""
        return int(self._proxy.supervisor.getProcessInfo(part)["pid"])

    def kill(self, part: str) -> None:
        """End a part at once, without a chance to tidy up; it is started again by itself."""
        os.kill(self.pid(part), signal.SIGKILL)

    def pause(self, part: str) -> None:
        """Freeze a part: its port takes connections and nothing answers."""
        os.kill(self.pid(part), signal.SIGSTOP)

    def resume(self, part: str) -> None:
        """Let a frozen part go on."""
        os.kill(self.pid(part), signal.SIGCONT)

    def stop_part(self, part: str) -> None:
        """Stop a part for good, until `start_part`."""
        self._proxy.supervisor.stopProcess(part)

    def start_part(self, part: str) -> None:
        """Start a part that was stopped; it may still need a while to answer."""
        self._proxy.supervisor.startProcess(part)

    def wait_for(self, part: str) -> None:
        """Wait until Rasa or the actions answer."""
        url = {"rasa": f"{self.rasa_url}/status", "actions": f"{self.actions_url}/healthz"}[part]
        until = time.monotonic() + READY_SECONDS
        while not _answers(url):
            assert time.monotonic() < until, f"{part} does not answer"
            time.sleep(0.2)

    def staff(self, *arguments: str) -> str:
        """Run the staff command line on this stack's store; return what it prints."""
        env = self.env | {"WEGWIJS_DATABASE_URL": self.database_url}
        done = subprocess.run(
            [sys.executable, "-m", "service.staff", *arguments],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def database_url(self) -> str:
        """The store's address."""
        return self.env.get("WEGWIJS_DATABASE_URL", f"sqlite:///{self.folder}/sandbox.db")

    def coach_code(self, name: str) -> str:
        """Add a coach of the gemeente and return the one-time code for their Telegram account."""
        number = re.search(r"(\d+) ", self.staff("coach", "add", name, "--organisation", "gemeente"))
        assert number, "the command line names the coach's number"
        code = re.search(r"/koppel (\S+)", self.staff("coach", "code", number[1]))
        assert code, "the command line names the code"
        return code[1]
