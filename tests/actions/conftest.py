from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from actions.parts import Parts, use_parts
from service.settings import ROOT, Settings
from service.texts import Texts
from store.engine import close_sessions, make_sessions
from tests.actions.rig import Chat, FixedClock
from tests.factories import make_newcomer


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts(ROOT / "stories")


@pytest.fixture
def parts(sqlite_template: Path, tmp_path: Path, texts: Texts) -> Iterator[Parts]:
    """Give the actions an empty store, the product's texts and a clock that stands still."""
    path = tmp_path / "wegwijs.db"
    shutil.copy(sqlite_template, path)
    url = f"sqlite:///{path}"
    settings = Settings(telegram_token="1:aaaaaaaaaa", secret="0123456789abcdef", database_url=url)
    made = Parts(settings=settings, sessions=make_sessions(url), clock=FixedClock(), texts=texts)
    use_parts(made)
    yield made
    use_parts(None)
    close_sessions(made.sessions)


@pytest.fixture
def store(parts: Parts) -> sessionmaker[Session]:
    return parts.sessions


@pytest.fixture
def chat(parts: Parts, store: sessionmaker[Session]) -> Chat:
    """Give the chat of a newcomer who is in the store."""
    with store.begin() as session:
        newcomer = make_newcomer(session)
    return Chat(parts, newcomer.chat_ref)
