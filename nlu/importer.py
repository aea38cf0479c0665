"""Reads the project for Rasa's own tools.

The answers of the topics are no part of what Rasa loads: they are looked up when they are said. `rasa data validate`
and `rasa test` know a topic only by a response in the domain, though, so each topic gets a stub there.

Examples are read here rather than by Rasa's own reader, which takes ten times as long over our 20,000: it parses YAML
in Python and checks each file against a schema for entities and synonyms that we have none of. What a file of ours must
look like, `python -m service.content_check` holds.
"""

import hashlib
from pathlib import Path
from typing import Iterator, Optional, Text

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method


class Example(Message):
    """An example, told from others by text and label: Rasa compares all of them many times, by all that they hold."""

    def fingerprint(self) -> Text:
        """Give a digest of text and label, in hexadecimal digits."""
        said = f"{self.get(TEXT)}\n{self.get_full_intent()}"
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


class TopicImporter(RasaFileImporter):
    """Rasa's importer, with a stub response `utter_<theme>/<topic>` for each topic that has examples."""

    @cached_method
    def get_domain(self) -> Domain:
        """Give the domain of domain.yml with the stubs."""
        topics = {example.get("intent_response_key") for example in self.get_nlu_data().intent_examples} - {None}
        stubs = {f"utter_{topic}": [{"text": topic}] for topic in sorted(topics)}
        return super().get_domain().merge(Domain.from_dict({"responses": stubs}))

    @cached_method
    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:  # noqa: ARG002 -- ours name theirs
        """Give the examples of all languages, read once; Rasa asks for them many times."""
        return TrainingData([example for path in self._nlu_files for example in read_examples(Path(path))])


def read_examples(path: Path) -> Iterator[Example]:
    """Read the examples of one file; `<theme>/<topic>` becomes the intent `<theme>` with that response key."""
    content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 -- safe ones
    for block in content.get("nlu") or []:
        for line in block["examples"].splitlines():
            example = line.strip().removeprefix("- ").strip()
            if example:
                yield Example.build(example, block["intent"], intent_metadata=block.get("metadata"))
