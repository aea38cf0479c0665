"""Our own topics: `python -m tests.bench.topics` on Rasa's Python.

Cross-validation on the examples, and the questions of tests/nlu/questions.yml, with both kinds of features and with
each left out.
"""

# ruff: noqa: T201 -- a command line prints

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import yaml
from rasa.shared.data import get_data_files, is_nlu_file
from rasa.shared.importers.utils import training_data_from_paths

from tests.bench.measure import OUT_OF_SCOPE, VARIANTS, Answer, accuracy, ask, auroc, learn

FOLDS = 5
SURE = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70)
QUESTIONS = Path("tests/nlu/questions.yml")
Pair = tuple[str, str]  # text, label


def main() -> None:
    """Measure all variants and print two tables."""
    examples, questions = read_examples(), read_questions()
    print(f"{len(examples)} examples of {len({label for _, label in examples})} labels, {FOLDS} folds\n")
    _print_head()
    truth = [pair for fold in range(FOLDS) for pair in examples[fold::FOLDS]]
    folds = {}
    for name, parts in VARIANTS.items():
        begin = time.perf_counter()
        folds[name] = _cross_validate(examples, parts)
        _print_row(name, folds[name], truth, (time.perf_counter() - begin) / FOLDS)
    print("\nThe same folds, both parts: what `sure` in config.yml gives\n")
    _print_thresholds(folds["both parts"], truth)
    print(f"\n{len(questions)} questions of {QUESTIONS}, trained on all examples\n")
    _print_head()
    for name, parts in VARIANTS.items():
        begin = time.perf_counter()
        classifier = learn(examples, parts)
        seconds = time.perf_counter() - begin
        _print_row(name, ask(classifier, [text for text, _ in questions]), questions, seconds)


def _cross_validate(examples: Sequence[Pair], parts: Sequence[str]) -> list[Answer]:
    """Ask each example of a classifier that has not seen its fold; fold after fold."""
    answers: list[Answer] = []
    for fold in range(FOLDS):
        classifier = learn([pair for place, pair in enumerate(examples) if place % FOLDS != fold], parts)
        answers += ask(classifier, [text for text, _ in examples[fold::FOLDS]])
    return answers


def read_examples() -> list[Pair]:
    """Give all examples with their labels, those of a label together."""
    data = training_data_from_paths(get_data_files(["nlu", "stories"], is_nlu_file), "nl")
    pairs = [(e.get("text"), e.get("intent_response_key") or e.get("intent")) for e in data.intent_examples]
    return sorted(pairs, key=lambda pair: pair[1])


def read_questions() -> list[Pair]:
    """Give the held-out questions with their labels."""
    content = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return [(text, label) for label, by in content.items() for texts in by.values() for text in texts]


def _print_head() -> None:
    columns = ["best label right", "among three", "answered right", "wrong", "AUROC", "not ours answered", "seconds"]
    print(f"| features | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")


def _print_row(name: str, answers: Sequence[Answer], truth: Sequence[Pair], seconds: float) -> None:
    ours = [(a, label) for a, (_, label) in zip(answers, truth, strict=True) if label != OUT_OF_SCOPE]
    strangers = [a for a, (_, label) in zip(answers, truth, strict=True) if label == OUT_OF_SCOPE]
    figures = [
        f"{accuracy([a for a, _ in ours], [label for _, label in ours]):.1%}",
        f"{sum(label in a.first_three for a, label in ours) / len(ours):.1%}",
        f"{sum(a.outcome == 'answered' and a.label == label for a, label in ours) / len(ours):.1%}",
        f"{sum(a.outcome == 'answered' and a.label != label for a, label in ours) / len(ours):.1%}",
        f"{auroc([a for a, _ in ours], strangers):.3f}",
        f"{sum(a.outcome == 'answered' for a in strangers) / len(strangers):.1%}",
        f"{seconds:.1f}",
    ]
    print(f"| {name} | {' | '.join(figures)} |", flush=True)


def _print_thresholds(answers: Sequence[Answer], truth: Sequence[Pair]) -> None:
    print("| sure | answered right | wrong | not ours answered |\n|---|---|---|---|")
    pairs = [(a, label) for a, (_, label) in zip(answers, truth, strict=True)]
    ours = [(a, label) for a, label in pairs if label != OUT_OF_SCOPE]
    strangers = [a for a, label in pairs if label == OUT_OF_SCOPE]
    for sure in SURE:
        sure_ones = [(a, label) for a, label in ours if a.best >= sure and a.label != OUT_OF_SCOPE]
        right = sum(a.label == label for a, label in sure_ones) / len(ours)
        wrong = sum(a.label != label for a, label in sure_ones) / len(ours)
        fooled = sum(a.best >= sure and a.label != OUT_OF_SCOPE for a in strangers) / len(strangers)
        print(f"| {sure:.2f} | {right:.1%} | {wrong:.1%} | {fooled:.1%} |")


if __name__ == "__main__":
    main()
