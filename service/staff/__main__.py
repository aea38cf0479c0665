"""`python -m service.staff`: places, opening times and coaches, from the command line. It speaks Dutch."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.clock import Clock
from service.settings import SettingsError, load_store_settings
from service.staff import coaching, opening, planning
from service.staff.reading import WrongInput
from store.engine import opened_sessions
from store.migrate import migrate

Command = Callable[[Session, Namespace, datetime], list[str]]

EXAMPLES = """voorbeelden:
  places
  place set stadskantoor --address "Stadsplateau 1" --postcode "3521 AZ"
  place confirm stadskantoor
  opening set welkomhuis maandag 09:00-12:00 13:00-17:00
  opening close welkomhuis 2026-12-25 --reason "Eerste kerstdag"
  opening except welkomhuis 2026-12-24 10:00-12:00
  opening confirm welkomhuis
  coach add "Naam" --organisation gemeente
  coach set 3 --languages ar,en --areas geld,werk --most-a-day 8
  coach availability set 3 maandag 09:00-12:00 13:00-17:00 --place welkomhuis
  coach availability set 3 maandag 18:00-20:00 --mode telefoon --add
  coach availability except 3 2026-12-24 10:00-12:00
  coach leave add 3 2026-12-28 2027-01-08
  coach leave add 3 2026-11-30 --sick --cancel-appointments
  coach code 3
"""


COACH_OPTIONS = {
    "--name": "zoals nieuwkomers de naam zien",
    "--languages": "talen naast Nederlands: ar,en, of geen",
    "--areas": "onderwerpen: geld,werk, of alle",
    "--minutes": "duur van een afspraak",
    "--buffer": "minuten vrij na elke afspraak",
    "--most-a-day": "hoogstens zoveel afspraken op een dag, of geen grens",
    "--notice": "zoveel minuten van tevoren, op zijn minst",
    "--ahead": "zoveel dagen van tevoren, op zijn meest",
    "--change": "tot zoveel minuten ervoor kan iemand verzetten of afzeggen",
}


class _DutchParser(ArgumentParser):
    """Says in Dutch that a command is not right, and how it goes."""

    def error(self, message: str) -> NoReturn:
        print(f"Dit commando klopt niet: {message}\nZo gaat het:", file=sys.stderr)
        self.print_usage(sys.stderr)
        sys.exit(2)


def make_parser() -> ArgumentParser:
    """Make the parser of all commands."""
    parser = _DutchParser(
        prog="python -m service.staff",
        description="Plekken, openingstijden en coaches bijhouden.",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="wat", parser_class=_DutchParser)
    _command(commands, "places", opening.list_places, "alle plekken")
    _place_commands(_group(commands, "place", "een plek"))
    _opening_commands(_group(commands, "opening", "openingstijden van een plek"))
    organisations = _group(commands, "organisation", "organisaties van coaches")
    _command(organisations, "list", coaching.list_organisations, "alle organisaties")
    _command(organisations, "add", coaching.add_organisation, "een organisatie toevoegen", "key", "name")
    _coach_commands(_group(commands, "coach", "coaches"))
    return parser


def _group(commands: Any, name: str, about: str) -> Any:
    parser = commands.add_parser(name, help=about, description=about)
    return parser.add_subparsers(required=True, metavar="wat", parser_class=_DutchParser)


def _command(commands: Any, name: str, run: Command, about: str, *arguments: str, **defaults: Any) -> ArgumentParser:
    parser: ArgumentParser = commands.add_parser(name, help=about, description=about)
    for argument in arguments:
        if argument == "spans":
            parser.add_argument(argument, nargs="+", metavar="09:00-12:00")
        else:
            parser.add_argument(argument)
    parser.set_defaults(run=run, **defaults)
    return parser


def _place_commands(commands: Any) -> None:
    _command(commands, "show", opening.show_place, "wat er bekend is", "place")
    _command(commands, "add", opening.add_place, "een plek toevoegen", "key", "name").add_argument(
        "--kind", default="meeting_place", help="soort, bijvoorbeeld welkomhuis of taalcafe"
    )
    change = _command(commands, "set", opening.set_place, "gegevens wijzigen", "place")
    for field in ("name", "address", "postcode", "area", "phone", "website"):
        change.add_argument(f"--{field}")
    _command(commands, "confirm", opening.confirm_place, "de gegevens kloppen", "place", confirm=True)
    _command(commands, "unconfirm", opening.confirm_place, "de gegevens zijn niet zeker", "place", confirm=False)


def _opening_commands(commands: Any) -> None:
    _command(commands, "show", opening.show_opening, "de week en de uitzonderingen", "place")
    _command(commands, "set", opening.set_opening, "tijden van een dag, of dicht", "place", "weekday", "spans")
    close = _command(commands, "close", opening.set_exception, "een datum dicht", "place", "day", spans=["dicht"])
    other = _command(commands, "except", opening.set_exception, "andere tijden op een datum", "place", "day", "spans")
    for parser in (close, other):
        parser.add_argument("--reason", help="de reden, zoals mensen die lezen")
    _command(commands, "clear", opening.clear_exception, "een uitzondering weghalen", "place", "day")
    _command(commands, "confirm", opening.confirm_opening, "de tijden kloppen", "place", confirm=True)
    _command(commands, "unconfirm", opening.confirm_opening, "de tijden zijn niet zeker", "place", confirm=False)


def _coach_commands(commands: Any) -> None:
    _command(commands, "list", coaching.list_coaches, "alle coaches met hun nummer")
    new = _command(commands, "add", coaching.new_coach, "een coach toevoegen", "name")
    new.add_argument("--organisation", required=True)
    new.add_argument("--minutes", default="30", help="duur van een afspraak")
    new.add_argument("--buffer", default="0", help="minuten vrij na elke afspraak")
    _command(commands, "show", coaching.show_coach, "talen, onderwerpen en grenzen", "coach")
    change = _command(commands, "set", coaching.set_coach, "talen, onderwerpen en grenzen wijzigen", "coach")
    for option, about in COACH_OPTIONS.items():
        change.add_argument(option, help=about)
    _command(commands, "deactivate", coaching.switch_coach, "een coach uitzetten", "coach", active=False)
    _command(commands, "activate", coaching.switch_coach, "een coach weer aanzetten", "coach", active=True)
    _command(commands, "code", coaching.give_code, "een code om Telegram te koppelen", "coach")
    _availability_commands(_group(commands, "availability", "wanneer een coach te boeken is"))
    _leave_commands(_group(commands, "leave", "verlof en ziekte"))


def _availability_commands(commands: Any) -> None:
    show = _command(commands, "show", planning.show_availability, "de week van een coach, of een datum", "coach")
    show.add_argument("day", nargs="?", help="een datum, bijvoorbeeld 2026-12-24")
    week = _command(commands, "set", planning.set_availability, "een dag, of geen", "coach", "weekday", "spans")
    week.add_argument("--mode", help="alleen telefoon, of alleen locatie")
    other = _command(
        commands, "except", planning.set_exception, "andere tijden op een datum, of geen", "coach", "day", "spans"
    )
    for parser in (week, other):
        parser.add_argument("--place", default="welkomhuis")
        parser.add_argument("--add", action="store_true", help="laat staan wat er die dag al staat")
    _command(commands, "clear", planning.clear_exception, "andere tijden op een datum weghalen", "coach", "day")


def _leave_commands(commands: Any) -> None:
    _command(commands, "list", planning.list_leave, "verlof dat nog komt", "coach")
    add = _command(commands, "add", planning.add_leave, "een coach is weg, eerste en laatste dag", "coach", "first_day")
    add.add_argument("last_day", nargs="?")
    add.add_argument("--sick", action="store_true", help="ziek, geen verlof")
    add.add_argument("--cancel-appointments", action="store_true", help="zeg de afspraken in die dagen af")
    end = _command(commands, "end", planning.stop_leave, "een coach is er weer, vandaag of op een datum", "coach")
    end.add_argument("day", nargs="?")


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command: 0 if it is done; 2 if what was typed is wrong, 1 if the store cannot be used."""
    given = make_parser().parse_args(arguments)
    try:
        settings = load_store_settings(environ)
        migrate(settings.database_url)
        with opened_sessions(settings.database_url) as sessions, sessions.begin() as session:
            lines = given.run(session, given, Clock(settings.clock_offset).now())
    except WrongInput as error:
        print("Dit is niet gedaan:", *error.faults, sep="\n  ", file=sys.stderr)
        return 2
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except SQLAlchemyError as error:
        print(f"De database werkt niet: {getattr(error, 'orig', None) or type(error).__name__}", file=sys.stderr)
        return 1
    print(*lines, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
