from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx
import pytest
from telegram import Bot

from bot.sandbox.client import Sandbox
from service.settings import ROOT
from tests.sandbox.serving import Running, free_port


@pytest.mark.parametrize("path", ["/healthz", "/", "/page.js", "/page.css", "/sandbox/state"])
def test_every_answer_keeps_the_page_to_itself(running: Running, path: str) -> None:
    answer = httpx.get(running.url + path, trust_env=False)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_name_from_elsewhere_is_refused(running: Running) -> None:
    answer = httpx.get(f"{running.url}/sandbox/state", headers={"host": "evil.example"}, trust_env=False)
    assert answer.status_code == 400


def test_an_act_must_be_json_so_that_no_other_page_can_send_it(running: Running) -> None:
    body = '{"user_id": 1000, "chat_id": 1000, "text": "x"}'
    answer = httpx.post(
        f"{running.url}/sandbox/messages", content=body, headers={"content-type": "text/plain"}, trust_env=False
    )
    assert answer.status_code == 415


async def test_the_page_gets_a_tree_of_known_tags_and_never_markup(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    said = await newcomer.says("<img src=x onerror=alert(1)>")
    assert said.raw["nodes"] == ["<img src=x onerror=alert(1)>"]
    assert said.html == "&lt;img src=x onerror=alert(1)&gt;"
    await bot.send_message(1000, "<b>&lt;img src=x&gt;</b>", parse_mode="HTML")
    assert (await newcomer.next_reply()).raw["nodes"] == [{"tag": "b", "children": ["<img src=x>"]}]


def test_the_process_starts_by_settings_and_stops_while_a_poll_waits() -> None:
    port, token = free_port(), "123456:abcdefghijklmnop"
    settings = {"WEGWIJS_TELEGRAM_TOKEN": token, "WEGWIJS_SECRET": "x" * 16, "WEGWIJS_SANDBOX_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.sandbox"], cwd=ROOT, env=os.environ | settings, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert "sandbox_started" in process.stderr.readline()
    transport = httpx.HTTPTransport(retries=5)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
        assert client.get("/healthz").text == "ok"
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"/bot{token}/getUpdates", params={"timeout": 30}, timeout=0.3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == -signal.SIGTERM
    process.stderr.close()


def test_missing_settings_are_named_and_the_process_ends() -> None:
    without = {name: value for name, value in os.environ.items() if not name.startswith("WEGWIJS_")}
    ended = subprocess.run(
        [sys.executable, "-m", "bot.sandbox"], cwd=ROOT, env=without, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "WEGWIJS_TELEGRAM_TOKEN: missing" in ended.stderr
