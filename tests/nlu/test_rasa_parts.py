"""Importer and component inside Rasa's own Python, without a whole training."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROBE = """
import json, sys
from rasa.shared.nlu.training_data.message import Message
from nlu.importer import TopicImporter
from tests.bench.measure import learn

folder = sys.argv[1]
importer = TopicImporter(None, f"{folder}/domain.yml", [f"{folder}/stories"])
untrained = learn([("hallo", "greet")])
message = Message(data={"text": "hallo"})
command = Message(data={"text": "/greet", "intent": {"name": "greet", "confidence": 1.0}})
untrained.process([message, command])
learned = learn([(f"boete {n}", "wet/boete") for n in range(4)] + [(f"hallo {n}", "greet") for n in range(4)])
known = learned.process([Message(data={"text": "boete 7"})])[0]
print(json.dumps({
    "responses": importer.get_domain().responses,
    "examples": len(importer.get_nlu_data().intent_examples),
    "untrained": message.data, "command": command.data, "known": known.data,
}))
"""
TOPIC = """
version: "3.1"
nlu:
- intent: wet/boete
  metadata: {language: nl}
  examples: |
    - krijg ik een boete
    - boete
answers:
  topic: wet/boete
  text: {nl: "Een {boete}"}
"""


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory, rasa_environment: dict[str, str]) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "stories").mkdir()
    (folder / "stories/boete.yml").write_text(TOPIC, encoding="utf-8")
    (folder / "stories/texts.yml").write_text('version: "3.1"\ntexts: {a/b: {nl: "Dag {x}"}}\n', encoding="utf-8")
    domain = 'version: "3.1"\nintents: [wet]\nresponses: {utter_wet: [{text: stub}]}\n'
    (folder / "domain.yml").write_text(domain, encoding="utf-8")
    command = [ROOT / ".venv-rasa/bin/python", "-c", PROBE, folder]
    done = subprocess.run(command, cwd=ROOT, env=rasa_environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_each_topic_gets_a_stub_response(probed: dict[str, Any]) -> None:
    assert probed["responses"] == {"utter_wet": [{"text": "stub"}], "utter_wet/boete": [{"text": "wet/boete"}]}


def test_files_of_texts_hold_no_examples(probed: dict[str, Any]) -> None:
    assert probed["examples"] == 2


def test_a_classifier_that_learned_nothing_falls_back(probed: dict[str, Any]) -> None:
    assert probed["untrained"]["intent"] == {"name": "nlu_fallback", "confidence": 1.0}
    assert probed["untrained"]["topic_ranking"] == []


def test_a_command_is_left_alone(probed: dict[str, Any]) -> None:
    assert probed["command"] == {"text": "/greet", "intent": {"name": "greet", "confidence": 1.0}}


def test_what_was_learned_is_loaded_from_disk(probed: dict[str, Any]) -> None:
    assert probed["known"]["intent"]["name"] == "wet"
    assert probed["known"]["response_selector"]["wet"]["response"]["intent_response_key"] == "wet/boete"
