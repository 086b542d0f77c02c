"""The hosts of a lane, by the lab engine's own means: what is proved is what learners get."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from ironlab.labs import places
from ironlab.labs.applying import Applier
from ironlab.labs.grading.grader import Grader
from ironlab.proofs import fingerprint

if TYPE_CHECKING:
    from typing import Any

    from ironlab.labs.grading.model import Grading, Target
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant
    from ironlab.proofs.fingerprint import Facts
    from ironlab.proofs.states import Answer

START = "start"  # the snapshot of the hosts as the set-up left them


class EngineWorkshop:
    """Makes hosts when the first lab needs them, and keeps them for labs that need the same.

    Args:
        prefix: what the names of the hosts begin with.
        image: what they are made from.
        keep: leave the hosts there at the end.
    """

    def __init__(self, prefix: str, image: str, *, keep: bool = False) -> None:
        """Make nothing yet."""
        self.prefix = prefix
        self.image = image
        self.keep = keep
        self._stack = ExitStack()
        self._place: places.MadePlace | None = None
        self._for: tuple[object, ...] = ()
        self._used = False
        self._baseline: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Start what is kept between states."""
        self._grader = self._stack.enter_context(Grader(self._is_running))
        self._applier = self._stack.enter_context(Applier())
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the hosts."""
        with self._stack:
            if not self.keep:
                self.remove()

    def remove(self) -> None:
        """Remove the hosts, if there are any; also while another thread works on them."""
        place = self._place
        if place is not None:
            place.destroy()
        self._place, self._for, self._used = None, (), False

    @property
    def place(self) -> places.MadePlace:
        """The hosts; there are some once a lab was prepared."""
        if self._place is None:
            raise AssertionError
        return self._place

    def prepare(self, lab: Lab, variant: Variant) -> None:
        """Put fresh hosts into the lab's starting state, and keep that to reset to."""
        self._open(lab)
        self._applier.setup(lab, variant, self.place)
        self._baseline = self._grader.baseline(lab, variant, self.place.targets)
        self.place.snapshot(START)

    def reset(self) -> None:
        """Put the hosts back to the starting state."""
        self.place.reset(START)

    def apply(self, lab: Lab, answer: Answer) -> None:
        """Run an answer."""
        self._applier.answer(lab, answer.variant, self.place, answer.path)

    def grade(self, lab: Lab, variant: Variant) -> Grading:
        """Grade the hosts as they are."""
        return self._grader.grade(lab, variant, self.place.targets, self._baseline)

    def reboot(self) -> None:
        """Reboot the hosts and wait until they answer."""
        self.place.reboot()

    def facts(self) -> Facts:
        """The fingerprint of all the hosts."""
        return {
            (f"{alias}: {section}", name): value
            for alias, target in self.place.targets.items()
            for (section, name), value in fingerprint.take(target).items()
        }

    def _is_running(self, target: Target) -> bool:
        """Whether a host that lets nobody in is up all the same."""
        states, names = self.place.states(), self.place.names
        return states[next(alias for alias in names if names[alias] == target.name)] == "running"

    def _open(self, lab: Lab) -> None:
        """Have the hosts that the lab needs, as their image made them."""
        wanted = (lab.needs.host, tuple(lab.needs.hosts), tuple(lab.needs.disks))
        if wanted != self._for:
            self.remove()
            names: dict[str, str] = {alias: f"{self.prefix}-{alias}" for alias in lab.needs.hosts}
            for kind in ("container", "machine"):  # what a run that was killed has left
                places.attach(kind, names).destroy()
            self._place, self._for = places.open_(lab, image=self.image, names=names), wanted
        elif self._used:
            self.place.reset()
        self._used = True
