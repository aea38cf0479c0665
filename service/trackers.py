"""Rasa's conversations, seen as rows: found by the keyed hash of the chat, deleted when asked or when old.

Rasa has no call for deleting. Its table is `events`, in a file or schema of its own (WEGWIJS_TRACKER_URL); it does
not exist before the first conversation.
"""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, MetaData, Table, create_engine, delete, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchTableError

from store.engine import BUSY_TIMEOUT_SECONDS, make_postgres_engine


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
        self._table: Table | None = None  # once Rasa has made it

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

    def left_form(self, chat_ref: str, before: datetime) -> str | None:
        """Find the form in the middle of which a chat fell silent.

        Args:
            chat_ref: The keyed hash of the chat.
            before: Only if its last message is older. A moment of the machine's own clock, as Rasa's events are.

        Returns:
            The form's name; None if the chat is not silent that long, or no form was going on.
        """
        events = self._events()
        if events is None:
            return None
        kept = select(events.c.id, events.c.timestamp, events.c.data).where(events.c.sender_id == chat_ref)
        kept = kept.order_by(events.c.id.desc()).limit(1)
        with self._engine.begin() as connection:
            user = connection.execute(kept.where(events.c.type_name == "user")).first()
            if user is None or user.timestamp >= before.timestamp():
                return None
            session = connection.execute(kept.where(events.c.type_name == "session_started")).first()
            loop = connection.execute(kept.where(events.c.type_name == "active_loop")).first()
        if loop is None:
            return None
        is_of_session = session is None or loop.id > session.id
        return json.loads(loop.data).get("name") if is_of_session else None

    def undo_turn(self, chat_ref: str, update_id: int) -> int:
        """Make Rasa forget the last message of a chat and all that it led to, if it is that of an update.

        Rasa's own event for this, `rewind`, takes the turn before away as well when it happens inside a form.

        Returns:
            How many events were deleted; 0 if the last message is another one.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: If the database cannot be reached.
        """
        events = self._events()
        if events is None:
            return 0
        heard = select(events.c.id, events.c.data).where(events.c.sender_id == chat_ref, events.c.type_name == "user")
        with self._engine.begin() as connection:
            last = connection.execute(heard.order_by(events.c.id.desc()).limit(1)).first()
            if last is None or (json.loads(last.data).get("metadata") or {}).get("update_id") != update_id:
                return 0
            since = (events.c.sender_id == chat_ref) & (events.c.id >= last.id)
            return connection.execute(delete(events).where(since)).rowcount

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
        if self._table is None and not (self._file and not self._file.exists()):  # connecting would make an empty one
            with contextlib.suppress(NoSuchTableError):
                self._table = Table("events", MetaData(), autoload_with=self._engine)
        return self._table
