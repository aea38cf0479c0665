"""What a reader of answers gives: slots to set, or why the answer does not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from actions.draft import Slots
from actions.turn import Turn


@dataclass(frozen=True)
class Problem:
    """An answer that is understood but does not do. `name` is the text that says why; `slots` are set besides."""

    name: str
    slots: Slots = field(default_factory=dict)


Answer = Slots | Problem
Take = Callable[[Turn, str], Answer | None]
