from __future__ import annotations

import inspect
import re

import pytest

from service import errors
from service.errors import WegwijsError
from tests.factories import NOW

MADE = [
    errors.TimeTaken(NOW, 3, []),
    errors.WrongRequest("telephone", "1 to 20 characters"),
    errors.NoSuchNewcomer(1),
    errors.TooMany(1, 3),
    errors.Overlaps(7, NOW),
    errors.NoSuchAppointment(7),
    errors.TooLate(7),
    errors.TooLateToChange(7),
    errors.TooEarly(7),
    errors.AlreadyCancelled(7),
    errors.OfferLapsed(4),
    errors.NoSuchHandOff(5),
    errors.AlreadyClaimed(5, 2, "Voorbeeldcoach"),
    errors.WrongCode("used"),
    errors.SampleBroken(["a", "b"]),
]


def test_every_error_is_tried_here_and_has_one_root() -> None:
    classes = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, WegwijsError)}
    assert {type(error) for error in MADE} == classes - {WegwijsError}


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_says_what_which_and_why(error: WegwijsError) -> None:
    assert re.fullmatch(r"[\w -]+: .+: .+", str(error))


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_every_error_stands_in_the_family_tree(error: WegwijsError) -> None:
    assert f"── {type(error).__name__} " in f"{errors.__doc__} ".replace("\n", " ")


def test_what_a_caller_needs_is_an_attribute() -> None:
    claimed = errors.AlreadyClaimed(5, 2, "Voorbeeldcoach")
    assert (claimed.hand_off_id, claimed.coach_id, claimed.by) == (5, 2, "Voorbeeldcoach")
    assert errors.TooLate(7).appointment_id == 7
    assert "Voorbeeldcoach" not in str(claimed)
