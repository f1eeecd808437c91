"""Changes the district's access settings. The database checks who asks."""

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

CHANGE = "SELECT change_setting(%(setting)s, %(was)s, %(becomes)s)"


def change_setting(setting: str, was: str, becomes: str, *, by: Actor) -> Answer:
    """Returns 'kept', 'proposed', 'same', 'taken', 'odd', 'again', 'busy' (another person's preview has the district's row locked) or '' (not allowed)."""
    if not by.is_administrator:
        return Answer.NOTHING
    try:
        with transaction.atomic():
            return answer_of(CHANGE, {"setting": setting, "was": was, "becomes": becomes})
    except OperationalError as held:
        if not isinstance(held.__cause__, LockNotAvailable):
            raise
        return Answer.BUSY
