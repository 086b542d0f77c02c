"""Hands out states to lanes, so that a host is set up anew as seldom as possible."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant
    from ironlab.proofs.states import State

WORTH_A_SETUP = 3  # states; with fewer left, the lane that has the host is done sooner alone


@dataclass
class Group:
    """The states of one lab and seed: they begin on the same host."""

    lab: Lab
    variant: Variant
    states: deque[State]
    lanes: int = field(default=0)
    """How many lanes are at it."""
    begun: bool = False


class Board:
    """All that is to be done; lanes take from it.

    Args:
        groups: in the order in which they are to be done, a lab's together.
    """

    def __init__(self, groups: Sequence[Sequence[State]]) -> None:
        """Nothing is taken yet."""
        self.groups = [
            Group(states[0].lab, states[0].variant, deque(states)) for states in groups if states
        ]
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """How many states nobody has taken."""
        with self._lock:
            return sum(len(group.states) for group in self.groups)

    def take(self, current: Group | None) -> tuple[Group, State] | None:
        """Take a state, of the group that the lane is at as long as it has any.

        A lane that is through with its group goes to one that nobody has begun, or helps with a
        long one; the first lab that isn't through comes first.
        """
        with self._lock:
            group = current if current and current.states else self._next()
            if group is None:
                return None
            group.begun = True
            if group is not current:
                group.lanes += 1
            return group, group.states.popleft()

    def leave(self, group: Group) -> bool:
        """A lane is through with a group; say whether that was the last of its lab."""
        with self._lock:
            group.lanes -= 1
            return not any(
                other.states or other.lanes
                for other in self.groups
                if other.lab.name == group.lab.name
            )

    def drop(self, group: Group) -> None:
        """Take the rest of a group off the board: its host can't be set up."""
        with self._lock:
            group.states.clear()

    def _next(self) -> Group | None:
        for name in dict.fromkeys(group.lab.name for group in self.groups):
            groups = [group for group in self.groups if group.lab.name == name]
            for group in groups:
                if not group.begun:
                    return group
            longest = max(groups, key=lambda group: len(group.states))
            if len(longest.states) >= WORTH_A_SETUP or (longest.states and not longest.lanes):
                return longest
        return None
