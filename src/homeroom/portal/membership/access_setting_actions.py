"""Choosing who sees what, for the district. The database finds who asks, and says no by itself."""

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows

CHANGE = "SELECT change_setting(%(setting)s, %(was)s, %(becomes)s)"


def change_setting(setting: str, was: str, becomes: str, *, by: Actor) -> str:
    """'kept', 'proposed', 'same', 'taken', 'odd', 'again', or '' where nobody may."""
    return str(rows(CHANGE, {"setting": setting, "was": was, "becomes": becomes})[0][0]) if by.is_administrator else ""
