"""Choosing who sees what, for the district. The database finds who asks, and says no by itself."""

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

CHANGE = "SELECT change_setting(%(setting)s, %(was)s, %(becomes)s)"


def change_setting(setting: str, was: str, becomes: str, *, by: Actor) -> Answer:
    """'kept', 'proposed', 'same', 'taken', 'odd', 'again', 'busy': somebody's preview holds the district's row; or '' where nobody may."""
    if not by.is_administrator:
        return Answer.NOTHING
    try:
        with transaction.atomic():
            return answer_of(CHANGE, {"setting": setting, "was": was, "becomes": becomes})
    except OperationalError as held:
        if not isinstance(held.__cause__, LockNotAvailable):
            raise
        return Answer.BUSY
