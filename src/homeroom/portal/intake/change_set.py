"""What a held file would change, kept so that an administrator can read it and decide; and an approval in part."""

from collections.abc import Sequence

from homeroom.portal.intake.decide import Found
from homeroom.portal.intake.deciding import Decision
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.reading import Read


def write_change_set(night: Night, reads: Sequence[Read]) -> None:
    """After staging and counting, before anything of ours is written."""


def leave_out(night: Night, reads: Sequence[Read], found: Found, decision: Decision) -> Found:  # noqa: ARG001
    """Takes out of the stages what the decision leaves out; what is left to write."""
    return found
