from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from service import inbox
from service.inbox import LeaseLost, delay_after
from store.messages import InboxUpdate, Reply

CHAT, OTHER = 1000, 1001
LEASE = timedelta(seconds=15)
SECOND = timedelta(seconds=1)


def _receive(session: Session, update_id: int, now: datetime, chat_id: int = CHAT) -> bool:
    return inbox.receive(session, update_id, chat_id, {"kind": "text", "text": f"vraag {update_id}"}, now)


def test_an_update_that_comes_twice_is_kept_once(session: Session, now: datetime) -> None:
    assert _receive(session, 1, now)
    assert not _receive(session, 1, now + SECOND)
    assert session.query(InboxUpdate).count() == 1


def test_the_chat_that_waited_longest_is_claimed_first(session: Session, now: datetime) -> None:
    _receive(session, 7, now + SECOND, OTHER)
    _receive(session, 8, now, CHAT)
    assert inbox.claim_chat(session, "a", now + 2 * SECOND, LEASE) == CHAT
    assert inbox.claim_chat(session, "a", now + 2 * SECOND, LEASE) == OTHER
    assert inbox.claim_chat(session, "a", now + 2 * SECOND, LEASE) is None


def test_a_held_chat_is_not_claimed_until_its_lease_runs_out(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    assert inbox.claim_chat(session, "a", now, LEASE) == CHAT
    assert inbox.claim_chat(session, "b", now + LEASE - SECOND, LEASE) is None
    assert inbox.claim_chat(session, "b", now + LEASE, LEASE) == CHAT


def test_a_chat_that_was_given_back_is_claimed_at_once(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    inbox.claim_chat(session, "a", now, LEASE)
    inbox.release_chat(session, CHAT, "a")
    assert inbox.claim_chat(session, "b", now, LEASE) == CHAT


def test_only_the_holder_gives_a_chat_back(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    inbox.claim_chat(session, "a", now, LEASE)
    inbox.release_chat(session, CHAT, "b")
    assert inbox.claim_chat(session, "b", now, LEASE) is None


def test_a_renewed_lease_holds_longer(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    inbox.claim_chat(session, "a", now, LEASE)
    inbox.renew_lease(session, CHAT, "a", now + 10 * SECOND, LEASE)
    assert inbox.claim_chat(session, "b", now + 20 * SECOND, LEASE) is None


def test_who_lost_the_lease_hears_it(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    inbox.claim_chat(session, "a", now, LEASE)
    inbox.claim_chat(session, "b", now + LEASE, LEASE)
    with pytest.raises(LeaseLost):
        inbox.renew_lease(session, CHAT, "a", now + LEASE, LEASE)


def test_updates_are_taken_in_order_and_each_try_is_counted(session: Session, now: datetime) -> None:
    _receive(session, 2, now)
    _receive(session, 1, now)
    first = inbox.take_next(session, CHAT, now)
    again = inbox.take_next(session, CHAT, now)
    assert first
    assert again
    assert (first.update_id, first.attempts) == (1, 0)
    assert (again.update_id, again.attempts) == (1, 1)
    inbox.finish(session, 1, now)
    second = inbox.take_next(session, CHAT, now)
    assert second
    assert second.update_id == 2


def test_an_update_that_is_put_off_holds_up_its_own_chat_only(session: Session, now: datetime) -> None:
    for update_id, chat_id in ((1, CHAT), (2, CHAT), (3, OTHER)):
        _receive(session, update_id, now, chat_id)
    inbox.put_off(session, 1, now, 4 * SECOND, apologised=True)
    assert inbox.take_next(session, CHAT, now + SECOND) is None
    assert inbox.claim_chat(session, "a", now + SECOND, LEASE) == OTHER
    assert inbox.claim_chat(session, "a", now + 4 * SECOND, LEASE) == CHAT
    taken = inbox.take_next(session, CHAT, now + 4 * SECOND)
    assert taken
    assert taken.update_id == 1
    assert taken.has_apologised


def test_errors_of_ours_are_counted_in_the_payload(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    inbox.put_off(session, 1, now, SECOND, apologised=False, faults=3)
    session.flush()
    session.expire_all()
    taken = inbox.take_next(session, CHAT, now + SECOND)
    assert taken
    assert taken.payload["faults"] == 3


def test_the_delay_grows_to_twenty_seconds() -> None:
    assert [delay_after(tries).total_seconds() for tries in (1, 2, 3, 4, 5, 99)] == [2, 4, 8, 16, 20, 20]


def test_stored_replies_are_sent_once_each_in_order(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    assert not inbox.is_answered(session, 1)
    inbox.store_replies(session, 1, [{"html": "hallo"}], first=inbox.INTRODUCTION)
    session.flush()
    assert not inbox.is_answered(session, 1)
    inbox.store_replies(session, 1, [{"html": "een"}, {"html": "twee"}])
    session.flush()
    assert inbox.is_answered(session, 1)
    inbox.mark_sent(session, 1, 0, now)
    inbox.mark_sent(session, 1, 1, now)
    assert [(reply.position, reply.body["html"]) for reply in inbox.unsent_replies(session, 1)] == [(2, "twee")]


def test_nothing_of_what_was_said_stays_after_the_answer(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    inbox.store_replies(session, 1, [{"html": "antwoord"}])
    session.flush()
    inbox.finish(session, 1, now)
    session.expire_all()
    assert session.get_one(InboxUpdate, 1).payload is None
    assert session.get_one(Reply, (1, 1)).body is None


def test_a_chat_that_was_erased_leaves_nothing(session: Session, now: datetime) -> None:
    _receive(session, 1, now)
    inbox.store_replies(session, 1, [{"html": "dag"}])
    session.flush()
    inbox.forget(session, 1)
    assert session.query(InboxUpdate).count() == session.query(Reply).count() == 0


def test_updates_of_the_last_minute_are_counted_also_when_answered(session: Session, now: datetime) -> None:
    for update_id in range(1, 6):
        _receive(session, update_id, now + update_id * 20 * SECOND)
    inbox.finish(session, 3, now)
    session.get_one(InboxUpdate, 1).done_at = now
    session.flush()
    waiting = inbox.take_next(session, CHAT, now + timedelta(hours=1))
    assert waiting
    assert waiting.update_id == 2
    assert inbox.count_recent(session, waiting, timedelta(minutes=1)) == 2


def test_only_old_and_answered_updates_are_deleted(session: Session, now: datetime) -> None:
    for update_id in (1, 2, 3):
        _receive(session, update_id, now - timedelta(days=40))
    inbox.store_replies(session, 1, [{"html": "antwoord"}])
    session.flush()
    inbox.finish(session, 1, now - timedelta(days=40))
    inbox.finish(session, 2, now)
    assert inbox.delete_done(session, now - timedelta(days=30)) == 1
    assert sorted(row.update_id for row in session.query(InboxUpdate)) == [2, 3]


def test_workers_at_the_same_moment_never_hold_the_same_chat(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        for chat_id in range(1, 41):
            _receive(session, chat_id, now, chat_id)
    claimed: list[int] = []
    start = threading.Barrier(4)

    def work(holder: str) -> None:
        start.wait()
        misses = 0
        while misses < 3:
            with sessions.begin() as session:
                chat_id = inbox.claim_chat(session, holder, now, LEASE)
            if chat_id is None:
                misses += 1
            else:
                claimed.append(chat_id)

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == list(range(1, 41))
