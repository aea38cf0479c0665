from __future__ import annotations

from nlu.decision import Thresholds, decide, rank, rank_intents

THRESHOLDS = Thresholds(sure=0.6, offer=0.1, out_of_scope="out_of_scope", never_offered=["greet", "out_of_scope"])


def test_a_confident_label_is_taken() -> None:
    assert decide(rank({"wet/boete": 0.7, "wet/termijn": 0.2}), THRESHOLDS).label == "wet/boete"


def test_likely_topics_are_offered_best_first() -> None:
    decision = decide(rank({"wet/termijn": 0.2, "wet/boete": 0.5, "coach_mens": 0.05}), THRESHOLDS)
    assert decision.label is None
    assert [entry["name"] for entry in decision.topic_ranking] == ["wet/boete", "wet/termijn"]


def test_nothing_likely_is_not_understood() -> None:
    decision = decide(rank({"wet/termijn": 0.05, "wet/boete": 0.04}), THRESHOLDS)
    assert decision.label is None
    assert decision.topic_ranking == []


def test_a_sure_stranger_is_named_and_gets_no_offers() -> None:
    decision = decide(rank({"out_of_scope": 0.7, "wet/boete": 0.2}), THRESHOLDS)
    assert decision.label == "out_of_scope"
    assert decision.topic_ranking == []


def test_a_likely_stranger_still_gets_offers() -> None:
    decision = decide(rank({"out_of_scope": 0.4, "wet/boete": 0.3}), THRESHOLDS)
    assert [entry["name"] for entry in decision.topic_ranking] == ["wet/boete"]


def test_a_topic_is_worth_less_the_likelier_the_question_is_not_ours() -> None:
    assert decide(rank({"out_of_scope": 0.4, "wet/boete": 0.2}), THRESHOLDS).topic_ranking == []
    assert decide(rank({"out_of_scope": 0.0, "wet/boete": 0.2}), THRESHOLDS).topic_ranking != []


def test_doubt_is_what_the_best_label_of_ours_leaves() -> None:
    assert decide(rank({"out_of_scope": 0.7, "wet/boete": 0.2}), THRESHOLDS).doubt == 0.8
    assert decide([], THRESHOLDS).doubt == 1.0


def test_small_talk_is_answered_but_never_offered() -> None:
    assert decide(rank({"greet": 0.9}), THRESHOLDS).label == "greet"
    assert decide(rank({"greet": 0.5}), THRESHOLDS).topic_ranking == []


def test_at_most_five_topics_are_offered() -> None:
    ranking = rank({f"wet/{number}": 0.12 for number in range(8)})
    assert len(decide(ranking, THRESHOLDS).topic_ranking) == 5


def test_a_theme_is_worth_as_much_as_its_best_topic() -> None:
    ranking = rank({"wet/boete": 0.3, "greet": 0.25, "wet/termijn": 0.28})
    assert rank_intents(ranking) == [{"name": "wet", "confidence": 0.3}, {"name": "greet", "confidence": 0.25}]
