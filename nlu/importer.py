"""Reads the project for Rasa's own tools.

The answers of the topics are no part of what Rasa loads: they are looked up when they are said. `rasa data validate`
and `rasa test` know a topic only by a response in the domain, though, so each topic gets a stub there.
"""

from typing import Optional, Text

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT_RESPONSE_KEY
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method


class TopicImporter(RasaFileImporter):
    """Rasa's importer, with a stub response `utter_<theme>/<topic>` for each topic that has examples."""

    @cached_method
    def get_domain(self) -> Domain:
        """Give the domain of domain.yml with the stubs."""
        topics = {example.get(INTENT_RESPONSE_KEY) for example in self.get_nlu_data().intent_examples} - {None}
        stubs = {f"utter_{topic}": [{"text": topic}] for topic in sorted(topics)}
        return super().get_domain().merge(Domain.from_dict({"responses": stubs}))

    @cached_method
    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """Give the examples of all languages, read once; Rasa asks for them many times."""
        return super().get_nlu_data(language)
