"""Reads the project for Rasa's own tools.

The answers of the topics are no part of what Rasa loads: they are looked up when they are said. `rasa data validate`
and `rasa test` know a topic only by a response in the domain, though, so each topic gets a stub there.
"""

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT_RESPONSE_KEY
from rasa.shared.nlu.training_data.message import Message


class TopicImporter(RasaFileImporter):
    """Rasa's importer, with a stub response `utter_<theme>/<topic>` for each topic that has examples."""

    def get_domain(self) -> Domain:
        """Give the domain of domain.yml with the stubs."""
        return super().get_domain().merge(Domain.from_dict({"responses": self._make_stubs()}))

    def _make_stubs(self) -> "dict[str, list[dict[str, str]]]":
        topics = {_topic_of(example) for example in self.get_nlu_data().intent_examples} - {None}
        return {f"utter_{topic}": [{"text": topic}] for topic in sorted(topics)}


def _topic_of(example: Message) -> "str | None":
    return example.get(INTENT_RESPONSE_KEY)
