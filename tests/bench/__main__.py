"""All benchmarks: `python -m tests.bench [--clinc150 PATH]`. Those of understanding run on Rasa's Python."""

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
    parser.add_argument("--default-pipeline", action="store_true", help="Rasa's own pipeline too, which takes hours")
    chosen = parser.parse_args()
    path = chosen.clinc150
    topics = [RASA_PYTHON, "-m", "tests.bench.topics", *(["--default-pipeline"] if chosen.default_pipeline else [])]
    runs = [topics, [sys.executable, "-m", "tests.bench.turns"], [sys.executable, "-m", "tests.bench.appointments"]]
    if path:
        runs.append([RASA_PYTHON, "-m", "tests.bench.clinc150", path])
    for run in runs:
        print(f"== {run[2]}", flush=True)
        finished = subprocess.run(run, env={**os.environ, **QUIET}, check=False)
        if finished.returncode:
            return finished.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
