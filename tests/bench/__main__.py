"""All benchmarks of understanding, run on Rasa's Python: `python -m tests.bench [--clinc150 PATH]`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

RASA_PYTHON = Path(".venv-rasa/bin/python")
QUIET = {
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
}


def main() -> int:
    """Run our own topics, and the public benchmark if its data is given; the exit code is the first that is not 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--clinc150", metavar="PATH", help="data_full.json of CLINC150")
    path = parser.parse_args().clinc150
    runs = [["tests.bench.topics"], *([["tests.bench.clinc150", path]] if path else [])]
    for run in runs:
        print(f"== {run[0]}", flush=True)
        finished = subprocess.run([RASA_PYTHON, "-m", *run], env={**os.environ, **QUIET}, check=False)
        if finished.returncode:
            return finished.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
