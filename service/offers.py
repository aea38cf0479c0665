"""Offers of sooner times to the people in line; `service.waiting_list` is the line itself.

A time that is offered is not held: who takes it first has it, in line or not. So an offer lives for an hour and goes to
one person at a time, and nobody has two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager

from service.appointment_queries import last_change, standing_appointments
from service.appointment_words import newcomer_arguments, wish_of
from service.appointments import move_appointment
from service.availability import FreeTime, Wish, all_free_times
from service.coaches import coaches_for
from service.days import local_day, moment_of
from service.errors import OfferLapsed
from service.notifications import notify
from service.quiet_hours import is_quiet
from service.waiting_list import OFFER, close_past
from store.models import Appointment, AppointmentStatus, Coach, Mode, Newcomer, TimeOffer, WaitingEntry

OFFER_LIFE = timedelta(hours=1)
SHORTEST_LIFE = timedelta(minutes=10)  # with less there is no time to read it and to decide
MOST_A_DAY = 3  # offers to one person: a bot that asks all day gets blocked

Slot = tuple[int, datetime]  # coach and start


def offer_times(session: Session, now: datetime) -> int:
    """Offer free times to the people in line, first come first served.

    Each gets the soonest time that suits the appointment and is sooner, if it was not offered to them before and is not
    on offer to another. In the quiet hours nothing is offered, nor just before: what is sent too late for the evening
    has lapsed by the morning, and is not offered again.

    Returns:
        How many offers it made.
    """
    if is_quiet(now) or is_quiet(now + SHORTEST_LIFE):
        return 0
    close_past(session, now)
    line = _line(session, now)
    if not line:
        return 0
    offering = _Offering(session, line, now)
    return sum(offering.offer_to(entry) for entry in line)


def take_offer(session: Session, newcomer: Newcomer, offer_id: int, now: datetime) -> Appointment:
    """Move the appointment to the time of an offer, which ends the wait. An offer that was taken before stays taken.

    If the time is gone the person keeps both the appointment and the place in line.

    Returns:
        The appointment, coach, organisation and place loaded.

    Raises:
        OfferLapsed: If the offer is unknown, another newcomer's, too old or declined, or the person left the line.
        TimeTaken: If somebody else has the time.
        NoSuchAppointment, AlreadyCancelled, Overlaps: As `move_appointment`.
    """
    offer = _offer_of(session, newcomer, offer_id)
    appointment = offer.entry.appointment
    if not _is_live(offer, now) and not _was_taken(offer):
        raise OfferLapsed(offer_id)
    return move_appointment(session, newcomer, appointment.id, offer.starts_at, offer.coach_id, now)


def decline_offer(session: Session, newcomer: Newcomer, offer_id: int, now: datetime) -> Appointment:
    """Note that the person keeps the own time, and the place in line: another time can be offered at once.

    Returns:
        The appointment as it stays, coach, organisation and place loaded.

    Raises:
        OfferLapsed: If the offer is unknown or another newcomer's, or the person left the line.
    """
    offer = _offer_of(session, newcomer, offer_id)
    if offer.entry.closed_at is not None:
        raise OfferLapsed(offer_id)
    offer.answered_at = offer.answered_at or now
    session.flush()
    return offer.entry.appointment


def _offer_of(session: Session, newcomer: Newcomer, offer_id: int) -> TimeOffer:
    query = _with_appointment(select(TimeOffer).join(TimeOffer.entry).join(WaitingEntry.appointment))
    offer = session.scalar(query.where(TimeOffer.id == offer_id, Appointment.newcomer_id == newcomer.id))
    if offer is None:
        raise OfferLapsed(offer_id)
    return offer


def _with_appointment(query: Select[tuple[TimeOffer]]) -> Select[tuple[TimeOffer]]:
    """Load the appointment of offers, all that can be told of it, as it is in the store now."""
    appointment = contains_eager(TimeOffer.entry).contains_eager(WaitingEntry.appointment)
    return query.options(
        appointment.joinedload(Appointment.coach).joinedload(Coach.organisation),
        appointment.joinedload(Appointment.place),
    ).execution_options(populate_existing=True)


def _is_live(offer: TimeOffer, now: datetime) -> bool:
    return offer.answered_at is None and offer.expires_at > now  # who leaves the line has answered: `close_entry`


def _was_taken(offer: TimeOffer) -> bool:
    """Tell whether the appointment is at the time of the offer: the button was pressed twice."""
    appointment = offer.entry.appointment
    is_there = (appointment.coach_id, appointment.starts_at) == (offer.coach_id, offer.starts_at)
    return is_there and appointment.status is AppointmentStatus.BOOKED


def _line(session: Session, now: datetime) -> Sequence[WaitingEntry]:
    """List the open places in line in order, of people who can be asked, and hold them.

    Whom another transaction holds is left out, to be asked the next time: it may be changing that very appointment.
    """
    query = (
        select(WaitingEntry)
        .join(WaitingEntry.appointment)
        .join(Appointment.newcomer)
        .where(
            WaitingEntry.closed_at.is_(None),
            Appointment.status == AppointmentStatus.BOOKED,
            Appointment.starts_at > now,
            Newcomer.stopped_at.is_(None),
            Newcomer.blocked_at.is_(None),
        )
        .options(
            contains_eager(WaitingEntry.appointment).contains_eager(Appointment.newcomer),
            contains_eager(WaitingEntry.appointment).joinedload(Appointment.coach).joinedload(Coach.organisation),
        )
        .order_by(WaitingEntry.id)
        .with_for_update(of=(WaitingEntry, Newcomer), key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).unique().all()


class _Offering:
    """One round along the line: what is free, and what is on offer to whom."""

    def __init__(self, session: Session, line: Sequence[WaitingEntry], now: datetime) -> None:
        self._session = session
        self._now = now
        self._last = max(entry.appointment.starts_at for entry in line)
        self._all: dict[Mode | None, list[FreeTime]] = {}
        self._free: dict[Wish, list[FreeTime]] = {}
        self._on_offer: set[Slot] = set()
        self._asked: set[int] = set()  # ids of newcomers who have an offer to answer
        for offer in self._live_offers():
            self._note(offer.entry.appointment, (offer.coach_id, offer.starts_at))

    def offer_to(self, entry: WaitingEntry) -> bool:
        """Offer a time to one person, if there is one and the person has none to answer."""
        newcomer = entry.appointment.newcomer
        if newcomer is None or newcomer.id in self._asked or self._had_enough(newcomer):
            return False
        found = self._sooner(entry)
        if found is None:
            return False
        free, expires_at = found
        self._offer(entry, newcomer, free, expires_at)
        self._note(entry.appointment, (free.coach_id, free.starts_at))
        return True

    def _note(self, appointment: Appointment, slot: Slot) -> None:
        self._on_offer.add(slot)
        if appointment.newcomer_id is not None:
            self._asked.add(appointment.newcomer_id)

    def _live_offers(self) -> list[TimeOffer]:
        """List the offers that can still be taken: of a time that is gone the person can get another one."""
        query = _with_appointment(select(TimeOffer).join(TimeOffer.entry).join(WaitingEntry.appointment)).where(
            TimeOffer.answered_at.is_(None), TimeOffer.expires_at > self._now
        )
        return [offer for offer in self._session.scalars(query) if self._is_free(offer)]

    def _is_free(self, offer: TimeOffer) -> bool:
        times = self._suiting(offer.entry.appointment)
        return any((free.coach_id, free.starts_at) == (offer.coach_id, offer.starts_at) for free in times)

    def _suiting(self, appointment: Appointment) -> list[FreeTime]:
        """List the free times that suit an appointment, up to the last one for which anybody waits."""
        wish = wish_of(appointment)
        if wish not in self._free:
            suitable = {coach.id for coach in coaches_for(self._session, wish)}
            self._free[wish] = [free for free in self._all_for(wish.mode) if free.coach_id in suitable]
        return self._free[wish]

    def _all_for(self, mode: Mode | None) -> list[FreeTime]:
        """List the free times of all coaches. Once a way to meet: people in line have many wishes, the days are few."""
        if mode not in self._all:
            self._all[mode] = all_free_times(self._session, self._now, wish=Wish(mode=mode), before=self._last)
        return self._all[mode]

    def _had_enough(self, newcomer: Newcomer) -> bool:
        today = moment_of(local_day(self._now), time.min)
        query = (
            select(func.count(TimeOffer.id))
            .join(TimeOffer.entry)
            .join(WaitingEntry.appointment)
            .where(Appointment.newcomer_id == newcomer.id, TimeOffer.offered_at >= today)
        )
        return (self._session.scalar(query) or 0) >= MOST_A_DAY

    def _sooner(self, entry: WaitingEntry) -> tuple[FreeTime, datetime] | None:
        """Find the first time to offer to a person, and the end of the offer."""
        appointment = entry.appointment
        offered = self._offered_to(entry)
        for free in self._suiting(appointment):
            if free.starts_at >= appointment.starts_at:
                break
            slot = (free.coach_id, free.starts_at)
            expires_at = self._expiry(appointment, free)
            if slot in offered or slot in self._on_offer or expires_at - self._now < SHORTEST_LIFE:
                continue
            if not self._is_busy(appointment, free):
                return free, expires_at
        return None

    def _offered_to(self, entry: WaitingEntry) -> set[Slot]:
        query = select(TimeOffer.coach_id, TimeOffer.starts_at).where(TimeOffer.entry_id == entry.id)
        return {(coach_id, starts_at) for coach_id, starts_at in self._session.execute(query)}

    def _expiry(self, appointment: Appointment, free: FreeTime) -> datetime:
        """Tell until when an offer can be taken: both coaches' limits count."""
        notice = timedelta(minutes=self._session.get_one(Coach, free.coach_id).notice_minutes)
        return min(self._now + OFFER_LIFE, free.starts_at - notice, last_change(appointment))

    def _is_busy(self, appointment: Appointment, free: FreeTime) -> bool:
        """Tell whether the person talks with a coach at that time already."""
        if appointment.newcomer is None:
            return False
        standing = standing_appointments(self._session, appointment.newcomer, self._now)
        return any(
            other.id != appointment.id and other.starts_at < free.ends_at and free.starts_at < other.ends_at
            for other in standing
        )

    def _offer(self, entry: WaitingEntry, newcomer: Newcomer, free: FreeTime, expires_at: datetime) -> None:
        offer = TimeOffer(
            entry_id=entry.id,
            coach_id=free.coach_id,
            starts_at=free.starts_at,
            offered_at=self._now,
            expires_at=expires_at,
        )
        self._session.add(offer)
        self._session.flush()
        old = newcomer_arguments(entry.appointment)
        new = {
            "when": {"datetime": free.starts_at.isoformat()},
            "coach": free.coach_name,
            "organisation": free.organisation,
        }
        notify(
            self._session,
            newcomer=newcomer,
            name=OFFER,
            arguments=old | new | {"old": old["when"], "offer": offer.id},
            now=self._now,
            appointment=entry.appointment,
            lapses_at=expires_at,
            keeps_quiet=True,
        )
