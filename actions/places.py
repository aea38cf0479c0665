"""The Welkomhuis: when it is open, and where it is."""

from __future__ import annotations

from datetime import timedelta

from actions.turn import Event, Piece, Turn, WegwijsAction, named
from service.days import day_in
from service.opening import Hours, OpenState, find_place, hours_on, open_state
from store.models import Place

WELKOMHUIS = "welkomhuis"  # key of the place
DAYS_AHEAD = 7  # how many days are listed when nobody asks for one


class OpeningTimes(WegwijsAction):
    """Says whether the Welkomhuis is open, or when it is on a day."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_opening_times"

    def act(self, turn: Turn) -> list[Event]:
        """Answer from the store, with the general advice below it."""
        tell_opening_times(turn)
        return []


class Where(WegwijsAction):
    """Says where the Welkomhuis is."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_where"

    def act(self, turn: Turn) -> list[Event]:
        """Answer from the store, with the general advice below it."""
        tell_where(turn)
        return []


def tell_opening_times(turn: Turn) -> None:
    """Say the opening times for the day that is asked about, or else for now and the days ahead."""
    place = find_place(turn.session, WELKOMHUIS)
    day = day_in(turn.text, turn.language, turn.today) if turn.text else None
    if place is None:
        facts: list[Piece] = [named("opening/unknown")]
    elif day is None or day == turn.today:
        facts = _now(turn, place)
    else:
        facts = _on_day(hours_on(turn.session, place, day))
    turn.say(*facts, named("welkomhuis/openingstijden"))


def _now(turn: Turn, place: Place) -> list[Piece]:
    state = open_state(turn.session, place, turn.now)
    if not state.is_known:
        return [named("opening/unknown")]
    days = [hours_on(turn.session, place, turn.today + timedelta(days=ahead)) for ahead in range(DAYS_AHEAD)]
    lines = [
        named("opening/line", day={"date": hours.day.isoformat()}, hours=_spans(hours)) for hours in days if hours.spans
    ]
    week = [named("opening/days_ahead", lines={"list": lines})] if lines else []
    is_confirmed = state.confirmed_on is not None and all(hours.confirmed_on for hours in days)
    return [*certainty(is_confirmed=is_confirmed, is_sample=state.is_sample), *_state(state), *week]


def _state(state: OpenState) -> list[Piece]:
    if state.is_open and state.until:
        return [named("opening/open_now", until={"time": state.until.isoformat()})]
    pieces = [named("opening/closed_reason", reason=state.reason) if state.reason else named("opening/closed_now")]
    if state.next_opening:
        pieces.append(named("opening/opens_next", when={"datetime": state.next_opening.isoformat()}))
    return pieces


def _on_day(hours: Hours) -> list[Piece]:
    if not hours.is_known:
        return [named("opening/unknown")]
    day = {"date": hours.day.isoformat()}
    if hours.spans:
        told = named("opening/on_day", day=day, hours=_spans(hours))
    elif hours.reason:
        told = named("opening/closed_on_day_reason", day=day, reason=hours.reason)
    else:
        told = named("opening/closed_on_day", day=day)
    return [*certainty(is_confirmed=hours.confirmed_on is not None, is_sample=hours.is_sample), told]


def _spans(hours: Hours) -> str:
    return ", ".join(f"{span.opens:%H:%M} - {span.closes:%H:%M}" for span in hours.spans)


def certainty(*, is_confirmed: bool, is_sample: bool) -> list[Piece]:
    """Say that what follows is an example, or not confirmed, with the number to call; nothing if staff confirmed it."""
    if is_sample:
        return [named("opening/sample")]
    return [] if is_confirmed else [named("opening/unconfirmed")]


def tell_where(turn: Turn) -> None:
    """Say the address, and before it that it is not sure if nobody confirmed it."""
    place = find_place(turn.session, WELKOMHUIS)
    facts: list[Piece] = [named("opening/where_unknown")]
    if place is not None and place.address:
        address = f"{place.address}, {place.postcode}" if place.postcode else place.address
        facts = [] if place.confirmed_on else [named("opening/where_unconfirmed")]
        facts.append(named("opening/where", name=place.name, address=address))
    turn.say(*facts, named("welkomhuis/waar"))
