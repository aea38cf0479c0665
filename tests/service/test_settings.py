from datetime import timedelta

import pytest

from service.settings import KEYS, ROOT, Settings, SettingsError, load_settings

TOKEN = {"WEGWIJS_TELEGRAM_TOKEN": "123:abcdefghijklmnop", "WEGWIJS_SECRET": "sixteen characters or more"}
WRONG = {
    "WEGWIJS_TELEGRAM_TOKEN": "not a token",
    "WEGWIJS_TELEGRAM_API": "api.telegram.org",
    "WEGWIJS_SECRET": "short",
    "WEGWIJS_DATABASE_URL": "mysql://x",
    "WEGWIJS_TRACKER_URL": "file.db",
    "WEGWIJS_RASA_URL": "127.0.0.1:5005",
    "WEGWIJS_ACTIONS_URL": "ftp://x",
    "WEGWIJS_COACH_CHAT": "the group",
    "WEGWIJS_WEBHOOK_URL": "example.org",
    "WEGWIJS_WEBHOOK_SECRET": "short",
    "WEGWIJS_WEBHOOK_PORT": "0",
    "WEGWIJS_SANDBOX_PORT": "eighty",
    "WEGWIJS_KEEP_DAYS": "-1",
    "WEGWIJS_CLOCK_OFFSET": "soon",
}


def test_defaults_need_only_a_token_and_a_secret() -> None:
    settings = load_settings(TOKEN)

    assert settings.telegram_api == "https://api.telegram.org"
    assert settings.database_url.startswith("sqlite:///")
    assert settings.clock_offset == timedelta(0)


def test_every_missing_key_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({})

    assert [fault.split(":")[0] for fault in caught.value.faults] == list(TOKEN)


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_value_is_named_and_not_repeated(key: str) -> None:
    with pytest.raises(SettingsError, match=key) as caught:
        load_settings(TOKEN | {key: WRONG[key]})

    assert WRONG[key] not in str(caught.value)


def test_a_webhook_needs_a_secret() -> None:
    with pytest.raises(SettingsError, match="WEGWIJS_WEBHOOK_SECRET"):
        load_settings(TOKEN | {"WEGWIJS_WEBHOOK_URL": "https://example.org/hook"})


def test_secrets_are_not_shown() -> None:
    urls = {"database_url": "postgresql://me:secret'@db", "tracker_url": "postgresql://me:secret'@db"}
    shown = repr(Settings(telegram_token="123:token", secret="very secret", webhook_secret="also secret", **urls))

    assert "token'" not in shown
    assert "secret'" not in shown


def test_the_readme_names_every_setting() -> None:
    readme = (ROOT / "README.md").read_text()

    assert [key for key in KEYS if key not in readme] == []
