"""What domain.yml, the rules, the actions and the texts must agree on."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.utils import all_subclasses

import actions
from actions.booking_answers import asking_intents
from actions.booking_changes import CHANGES, MOVING_CHANGES
from actions.booking_coach import KINDS
from actions.booking_shown import PLACES
from actions.draft import ASKED, BESIDES
from actions.topics import FLOWS
from actions.turn import WegwijsAction
from service.days import DayPart
from service.settings import ROOT
from service.texts import Texts
from store.models import Area, Mode

TEXTS = Texts(ROOT / "stories")
WORDS = ("yes", "no", "later", "earlier", "rather", "about", "skip", "question", "my_name_is")
NAME = re.compile(r'"([a-z_]+/[a-z0-9_]+)"')
NOT_ASKING = {"stop", "affirm", "deny", "out_of_scope", "nlu_fallback"}
BY_BUTTON = {"topic", "none_of_these", "inform", "choose_language", "cancel_appointment", "wait_for_sooner"}
NO_TEXTS = {"calendar/file"}  # notifications that are files
CODE = sorted([*(ROOT / "actions").glob("*.py"), *(ROOT / "service").glob("*.py")])


def load(path: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def intents() -> set[str]:
    return {
        name for intent in load("domain.yml")["intents"] for name in ([intent] if isinstance(intent, str) else intent)
    }


def rules() -> list[dict[str, Any]]:
    return [rule for file in ("stories/rules.yml", "stories/booking.yml") for rule in load(file)["rules"]]


def test_every_intent_has_one_rule() -> None:
    used = [step["intent"] for rule in rules() for step in rule["steps"] if "intent" in step]
    assert sorted(used) == sorted(intents())


def test_every_theme_of_the_topics_is_an_intent() -> None:
    assert {topic.split("/")[0] for topic in TEXTS.topics()} <= intents()


def test_the_form_knows_every_intent_that_is_no_answer() -> None:
    assert asking_intents(TEXTS) == intents() - NOT_ASKING - BY_BUTTON


def test_every_action_of_the_domain_is_written_and_the_other_way_round() -> None:
    for module in pkgutil.iter_modules(actions.__path__):
        importlib.import_module(f"actions.{module.name}")
    written = {
        action().name()
        for action in all_subclasses(WegwijsAction)
        if action.__module__.startswith("actions.") and not action.__abstractmethods__
    }
    assert written == set(load("domain.yml")["actions"])


def test_every_slot_of_the_draft_is_in_the_domain() -> None:
    domain = load("domain.yml")
    assert set(domain["slots"]) == {*ASKED, *BESIDES}
    assert domain["forms"]["appointment_form"]["required_slots"] == list(ASKED)


def test_no_slot_is_filled_by_rasa_itself() -> None:
    assert all(slot["mappings"] == [{"type": "custom"}] for slot in load("domain.yml")["slots"].values())


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_every_text_that_code_names_exists(path: Path) -> None:
    known = {*TEXTS.prompts(), *TEXTS.topics()}
    capabilities = {name.split("/")[0] for name in known}
    named = {name for name in NAME.findall(path.read_text(encoding="utf-8")) if name.split("/")[0] in capabilities}
    assert named <= known | NO_TEXTS


@pytest.mark.parametrize(
    "name",
    [
        *(f"area/{area.value}" for area in Area),
        *(f"mode/{mode.value}" for mode in Mode),
        *(f"understood/area_{area.value}" for area in Area),
        *(f"understood/mode_{mode.value}" for mode in Mode),
        *(f"understood/change_{what}" for what in CHANGES),
        *(f"booking/change_{what}" for what in CHANGES),
        *(f"booking/other_{what}" for what in MOVING_CHANGES[:2]),
        *(f"understood/{name}" for name in (*PLACES, *KINDS.values(), *WORDS)),
        *(f"part/{part.value}" for part in DayPart),
        *(f"{text}_{answer}" for text in ("booking/confirm", "booking/cancel") for answer in ("yes", "no")),
        *(f"interpreter/{answer}" for answer in ("yes", "no")),
        *(f"cancel_reason/{reason}" for reason in ("newcomer", "erased")),
        *(f"language/{code}" for code in ("ar", "en", "fa", "nl", "ti", "tr", "uk")),
        *(f"dialogue/{name.removeprefix('utter_')}" for name in load("domain.yml")["responses"]),
        *(f"flow/{name}" for name in FLOWS),
    ],
)
def test_every_text_whose_name_is_put_together_exists(name: str) -> None:
    assert name in TEXTS.prompts()
