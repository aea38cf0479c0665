"""Rasa's conversations, seen as rows: found by the keyed hash of the chat, deleted when asked or when old.

Rasa has no call for deleting. Its table is `events`, in a file or schema of its own (WEGWIJS_TRACKER_URL); it does
not exist before the first conversation.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, Table, create_engine, delete, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchTableError

from store.engine import BUSY_TIMEOUT_SECONDS, make_postgres_engine

SESSION_METADATA = "session_started_metadata"  # slot in which Rasa puts the metadata of the message that begins one


class Trackers:
    """The tracker store of Rasa."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._file = Path(address.database) if address.drivername == "sqlite" and address.database else None
        if self._file:
            self._engine: Engine = create_engine(
                address, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
            )
        else:
            self._engine = make_postgres_engine(address)

    def erase(self, chat_ref: str) -> int:
        """Delete all conversations of a chat.

        Returns:
            How many events were deleted.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: If the database cannot be reached.
        """
        events = self._events()
        if events is None:
            return 0
        with self._engine.begin() as connection:
            return connection.execute(delete(events).where(events.c.sender_id == chat_ref)).rowcount

    def undo_turn(self, chat_ref: str, update_id: int) -> int:
        """Make Rasa forget the last message of a chat and all that it led to, if it is that of an update.

        The session that the message began goes too: a start that failed would leave Rasa deaf to all that follows.
        Rasa's own event for this, `rewind`, takes the turn before away as well when it happens inside a form.

        Returns:
            How many events were deleted; 0 if the last message is another one.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: If the database cannot be reached.
        """
        events = self._events()
        if events is None:
            return 0
        of_chat = events.c.sender_id == chat_ref
        kept = select(events.c.id, events.c.data).where(of_chat).order_by(events.c.id.desc()).limit(1)
        with self._engine.begin() as connection:
            last = connection.execute(kept.where(events.c.type_name == "user")).first()
            if last is None or (json.loads(last.data).get("metadata") or {}).get("update_id") != update_id:
                return 0
            slot = connection.execute(kept.where(events.c.type_name == "slot", events.c.id < last.id)).first()
            begins_session = slot is not None and session_update(json.loads(slot.data)) == update_id
            first = slot.id if slot is not None and begins_session else last.id
            return connection.execute(delete(events).where(of_chat, events.c.id >= first)).rowcount

    def delete_older(self, before: datetime) -> int:
        """Delete what was said before a moment. Returns how many events."""
        events = self._events()
        if events is None:
            return 0
        with self._engine.begin() as connection:
            return connection.execute(delete(events).where(events.c.timestamp < before.timestamp())).rowcount

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _events(self) -> Table | None:
        if self._file and not self._file.exists():  # connecting would make an empty one
            return None
        try:
            if not inspect(self._engine).has_table("events"):
                return None
            return Table("events", MetaData(), autoload_with=self._engine)
        except NoSuchTableError:
            return None


def session_update(event: dict[str, Any]) -> int | None:
    """Give the update whose message began a session, if this is Rasa's event that says so; it comes first of all."""
    if event.get("event") != "slot" or event.get("name") != SESSION_METADATA:
        return None
    return (event.get("value") or {}).get("update_id")
