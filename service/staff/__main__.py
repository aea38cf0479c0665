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
from service.staff import coaching, opening
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
  coach availability set 3 maandag 09:00-12:00 --place welkomhuis
  coach code 3
"""


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
    new.add_argument("--minutes", type=int, default=30, help="duur van een afspraak")
    new.add_argument("--buffer", type=int, default=0, help="minuten vrij na elke afspraak")
    _command(commands, "deactivate", coaching.switch_coach, "een coach uitzetten", "coach", active=False)
    _command(commands, "activate", coaching.switch_coach, "een coach weer aanzetten", "coach", active=True)
    _command(commands, "code", coaching.give_code, "een code om Telegram te koppelen", "coach")
    times = _group(commands, "availability", "wanneer een coach te boeken is")
    _command(times, "show", coaching.show_availability, "de week van een coach", "coach")
    change = _command(times, "set", coaching.set_availability, "een dag, of geen", "coach", "weekday", "spans")
    change.add_argument("--place", default="welkomhuis")


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
