"""`python -m store` brings the store to the newest tables; `python -m store revision "what"` writes a revision.

The store is that of WEGWIJS_DATABASE_URL. The layer of settings lies above this one, so the name and the default stand
here once more; a test holds them equal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from store.migrate import current_revision, make_revision, migrate

DEFAULT_URL = f"sqlite:///{Path(__file__).resolve().parent.parent / 'var' / 'wegwijs.db'}"


def store_url(environ: Mapping[str, str]) -> str:
    """Return the address of the store."""
    return environ.get("WEGWIJS_DATABASE_URL") or DEFAULT_URL


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command; return the exit code."""
    url = store_url(environ)
    try:
        match list(arguments):
            case []:
                migrate(url)
                print(f"store: at revision {current_revision(url)}")
            case ["revision", message]:
                make_revision(url, message)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except (ValueError, SQLAlchemyError) as error:
        cause = getattr(error, "orig", None) or error  # an address can hold a password: it is not repeated
        print(f"store: not migrated: {cause}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
