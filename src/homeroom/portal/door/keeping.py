"""A change that ends every session of an account (door/triggers.sql) and leaves the one that made it, under a new token.

hold() before the change and keep() after it, in one transaction: what another session changes meanwhile waits, and ends this one then.
"""

from django.utils import timezone

from homeroom.portal.access.models import Session
from homeroom.portal.door.sessions import Entry, kept, key_of, new_token


class SessionOver(Exception):
    """It ended while its form was filled in."""


def hold(session: Session) -> None:
    """Raises SessionOver."""
    if Session.objects.select_for_update().filter(key=bytes(session.key), ended_at=None).first() is None:
        raise SessionOver


def keep(session: Session, *, is_strong: bool) -> Entry:
    """With a new token: a copy of the old cookie in somebody else's hands ends with all the others. Raises SessionOver."""
    token = new_token()
    ours = Session.objects.filter(key=bytes(session.key), account__is_active=True)
    if not ours.update(key=key_of(token), ended_at=None, is_strong=is_strong, proven_at=timezone.now()):
        raise SessionOver
    return kept(session, token)
