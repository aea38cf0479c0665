"""A Rasa server with the project's model, once a run, for what only the real thing can show."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.stack import free_port

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models/wegwijs.tar.gz"
RASA = ROOT / ".venv-rasa/bin/rasa"
START_SECONDS = 120  # a loaded machine included
QUIET = {
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TQDM_DISABLE": "1",
    "RASA_TELEMETRY_ENABLED": "false",
}


@pytest.fixture(scope="session")
def rasa_environment() -> dict[str, str]:
    return {**os.environ, **QUIET}


@pytest.fixture(scope="session")
def rasa_model(tmp_path_factory: pytest.TempPathFactory, rasa_environment: dict[str, str]) -> Path:
    """The model of `make`, or one of this run if what it was trained on has changed since."""
    sources = [ROOT / "config.yml", ROOT / "domain.yml", *ROOT.glob("nlu/*"), *ROOT.glob("stories/**/*.yml")]
    if MODEL.exists() and MODEL.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return MODEL
    folder = tmp_path_factory.mktemp("model")
    train = [RASA, "train", "--skip-validation", "--data", "nlu", "stories", "--out", folder]
    train += ["--fixed-model-name", "wegwijs"]
    subprocess.run(train, cwd=ROOT, env=rasa_environment, check=True, capture_output=True)
    return folder / "wegwijs.tar.gz"


@pytest.fixture(scope="session")
def rasa_url(
    tmp_path_factory: pytest.TempPathFactory, rasa_model: Path, rasa_environment: dict[str, str]
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("rasa")
    for name in ("endpoints.yml", "credentials.yml"):
        (folder / name).write_text("rest:\n" if name.startswith("cred") else "", encoding="utf-8")
    port = free_port()
    command = [RASA, "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", rasa_model]
    command += ["--endpoints", folder / "endpoints.yml", "--credentials", folder / "credentials.yml"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=rasa_environment, stdout=log, stderr=log)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", server, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{url}/status", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    pytest.fail(f"Rasa did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
