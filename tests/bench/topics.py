"""Our own topics: `python -m tests.bench.topics [--default-pipeline [EPOCHS]] [--language CODE]` on Rasa's Python.

First the questions of tests/nlu/questions, which are written apart from the examples; then, by cross-validation on the
examples, what each part of the classifier is worth and what the thresholds give. `--default-pipeline` trains Rasa's own
pipeline on the same examples in the same run instead of the cross-validation; with all languages that takes hours, with
one a part of an hour.
"""

# ruff: noqa: T201 -- a command line prints

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import yaml
from rasa.shared.data import get_data_files, is_nlu_file
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT

from nlu import importer
from tests.bench.default_pipeline import learn_by_default
from tests.bench.measure import OUT_OF_SCOPE, VARIANTS, Answer, ask, auroc, calibration_error, learn

FOLDS = 5
SURE = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70)
QUESTIONS = Path("tests/nlu/questions")
WORST_PAIRS = 20
COLUMNS = (
    "best label right",
    "among three",
    "answered right",
    "answered wrong",
    "refused",
    "not ours refused",
    "not ours answered",
    "calibration error",
)
Pair = tuple[str, str]  # text, label
T = TypeVar("T")


class Question(NamedTuple):
    """A text that no model is trained on, and its label."""

    text: str
    label: str
    language: str


def main() -> None:
    """Measure and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--default-pipeline", type=int, nargs="?", const=100, metavar="EPOCHS")
    parser.add_argument("--language", choices=[path.stem for path in QUESTIONS.glob("*.yml")])
    chosen = parser.parse_args()
    epochs = chosen.default_pipeline
    examples = read_examples(chosen.language)
    questions = [question for question in read_questions() if chosen.language in (None, question.language)]
    print(f"{len(examples)} examples of {len({label for _, label in examples})} labels; {len(questions)} questions\n")
    classifier, seconds = _timed(lambda: learn(examples))
    answers = _print_questions(questions, lambda texts: ask(classifier, texts), "ours", seconds)
    _print_pairs(answers, questions)
    if not epochs:
        _print_parts(examples, questions)
    else:
        slow, slow_seconds = _timed(lambda: learn_by_default(examples, epochs))
        print(f"\nRasa's default pipeline, {epochs} epochs: {slow_seconds / seconds:.0f} times as long\n")
        _print_questions(questions, slow, "default pipeline", slow_seconds)


def read_examples(language: str | None = None) -> list[Pair]:
    """Give all examples, or those of a language, with their labels, those of a label together."""
    found = [
        example
        for path in get_data_files(["nlu", "stories"], is_nlu_file)
        for example in importer.read_examples(Path(path))
    ]
    pairs = [
        (example.get(TEXT), example.get_full_intent())
        for example in found
        if language in (None, example.get(METADATA)[METADATA_INTENT]["language"])
    ]
    return sorted(pairs, key=lambda pair: pair[1])


def read_questions() -> list[Question]:
    """Give the held-out questions of all languages."""
    return [
        Question(text, label, path.stem)
        for path in sorted(QUESTIONS.glob("*.yml"))
        for label, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for text in texts
    ]


def _timed(act: Callable[[], T]) -> tuple[T, float]:  # noqa: UP047 -- Rasa's Python 3.10
    begin = time.perf_counter()
    done = act()
    return done, time.perf_counter() - begin


def _print_questions(
    questions: Sequence[Question], asked: Callable[[list[str]], list[Answer]], name: str, seconds: float
) -> list[Answer]:
    answers, parsing = _timed(lambda: asked([question.text for question in questions]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {seconds:.1f} s to train, {1000 * parsing / len(questions):.1f} ms a question,"
        f" at most {memory:.0f} MB in this process so far\n"
    )
    _print_head("language")
    truth = [(question.text, question.label) for question in questions]
    for language in [*sorted({question.language for question in questions}), "all"]:
        chosen = [place for place, q in enumerate(questions) if language in (q.language, "all")]
        _print_row(language, [answers[place] for place in chosen], [truth[place] for place in chosen])
    return answers


def _print_head(first: str, *last: str) -> None:
    columns = [first, *COLUMNS, *last]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def _print_row(name: str, answers: Sequence[Answer], truth: Sequence[Pair], *, with_auroc: bool = False) -> None:
    ours = [(a, label) for a, (_, label) in zip(answers, truth, strict=True) if label != OUT_OF_SCOPE]
    strangers = [a for a, (_, label) in zip(answers, truth, strict=True) if label == OUT_OF_SCOPE]
    figures = [
        _share([a.label == label for a, label in ours]),
        _share([label in a.first_three for a, label in ours]),
        _share([a.outcome == "answered" and a.label == label for a, label in ours]),
        _share([a.outcome == "answered" and a.label != label for a, label in ours]),
        _share([a.outcome == "refused" for a, _ in ours]),
        _share([a.outcome == "refused" for a in strangers]),
        _share([a.outcome == "answered" for a in strangers]),
        f"{calibration_error(answers, [label for _, label in truth]):.3f}",
    ]
    figures += [f"{auroc([a for a, _ in ours], strangers):.3f}"] if with_auroc else []
    print(f"| {name} | {' | '.join(figures)} |", flush=True)


def _share(hits: Sequence[bool]) -> str:
    return f"{sum(hits) / len(hits):.1%}"


def _print_pairs(answers: Sequence[Answer], questions: Sequence[Question]) -> None:
    pairs = Counter(
        (question.label, answer.label)
        for answer, question in zip(answers, questions, strict=True)
        if question.label not in (answer.label, OUT_OF_SCOPE)
    )
    print("\nTaken for another most often (label: taken for, how often):")
    print("; ".join(f"{label}: {taken} {count}" for (label, taken), count in pairs.most_common(WORST_PAIRS)))


def _print_parts(examples: Sequence[Pair], questions: Sequence[Question]) -> None:
    """Cross-validate with each part left out, then ask the questions of the same variants."""
    truth = [pair for fold in range(FOLDS) for pair in examples[fold::FOLDS]]
    folds = {name: _cross_validate(examples, parts) for name, parts in VARIANTS.items()}
    print(f"\nCross-validation in {FOLDS} folds\n")
    _print_head("features", "AUROC")
    for name, answers in folds.items():
        _print_row(name, answers, truth, with_auroc=True)
    print("\nThe questions\n")
    _print_head("features", "AUROC")
    asked = [(question.text, question.label) for question in questions]
    for name, parts in VARIANTS.items():
        _print_row(name, ask(learn(examples, parts), [text for text, _ in asked]), asked, with_auroc=True)
    print("\nThe folds again, both parts: what `sure` in config.yml gives\n")
    _print_thresholds(folds["both parts"], truth)


def _cross_validate(examples: Sequence[Pair], parts: Sequence[str]) -> list[Answer]:
    """Ask each example of a classifier that has not seen its fold; fold after fold."""
    answers: list[Answer] = []
    for fold in range(FOLDS):
        classifier = learn([pair for place, pair in enumerate(examples) if place % FOLDS != fold], parts)
        answers += ask(classifier, [text for text, _ in examples[fold::FOLDS]])
    return answers


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
