"""The public benchmark: `python -m tests.bench.clinc150 PATH` on Rasa's Python, PATH being CLINC150's data_full.json.

Larson et al., "An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction", EMNLP 2019. The classifier
learns nothing of out-of-scope here; the AUROC says how well its confidence tells such questions from known ones.
"""

# ruff: noqa: T201 -- a command line prints

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from tests.bench.measure import VARIANTS, accuracy, ask, auroc, learn

FEW = 20  # examples an intent
SETTINGS = {"directions": 512, "strangers": 0.5}  # for this data: one language, and nothing known of strangers


def main(path: Path) -> None:
    """Measure all variants with few examples and with all, and print them as one table."""
    data = json.loads(path.read_text(encoding="utf-8"))
    known = [tuple(pair) for pair in data["train"]]
    print("| examples | features | accuracy | AUROC | seconds to train | times both parts |")
    print("|---|---|---|---|---|---|")
    for size, examples in ((f"{FEW} an intent", draw_few(known)), ("all", known)):
        reference = 0.0
        for name, parts in VARIANTS.items():
            begin = time.perf_counter()
            classifier = learn(examples, parts, **SETTINGS)
            seconds = time.perf_counter() - begin
            reference = reference or seconds
            answers = ask(classifier, [text for text, _ in data["test"]])
            strangers = ask(classifier, [text for text, _ in data["oos_test"]])
            right = accuracy(answers, [label for _, label in data["test"]])
            figures = f"{right:.1%} | {auroc(answers, strangers):.3f} | {seconds:.1f} | {seconds / reference:.2f}"
            print(f"| {size} | {name} | {figures} |", flush=True)


def draw_few(examples: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Draw `FEW` examples an intent, always the same."""
    by_label: dict[str, list[str]] = {}
    for text, label in examples:
        by_label.setdefault(label, []).append(text)
    draw = random.Random(0)
    return [(text, label) for label in sorted(by_label) for text in draw.sample(by_label[label], FEW)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
