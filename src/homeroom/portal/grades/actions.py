"""Sets for an administrator which categories hold the grade of a class."""

from collections.abc import Sequence

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

WRITE = "SELECT set_grade_categories(%(was)s::text[], %(becomes)s::text[])"


def set_categories(was: Sequence[str], becomes: Sequence[str], *, by: Actor) -> Answer:
    """`was` is what the administrator saw. Returns 'kept', 'same', 'taken', 'odd', 'busy' (an import runs), 'again', or '' for anyone who may not."""
    if not by.is_administrator:
        return Answer.NOTHING
    return answer_of(WRITE, {"was": list(was), "becomes": list(becomes)})
