"""Changes that end every session of an account (door/triggers.sql) except the one that made them, which gets a new token.

Call hold() before the change and keep() after it, in one transaction. A change from another session waits, and then ends this one.
"""

from django.http import HttpRequest

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.addresses import keyed
from homeroom.portal.door.models import Account
from homeroom.portal.door.sessions import Entry, kept, key_of, new_token


class SessionOver(Exception):
    """The session ended while its form was filled in."""


def hold(request: HttpRequest, session: Session) -> None:
    """Raises SessionOver."""
    if not server_bound("SELECT hold_session(%s, %s)", (session.key, keyed(request.headers))):
        raise SessionOver


def keep(request: HttpRequest, session: Session, *, is_strong: bool) -> Entry:
    """Gives the session a new token. A copy of the old cookie ends with all the other sessions. Raises SessionOver."""
    token = new_token()
    if not server_bound("SELECT keep_session(%s, %s, %s, %s)", (session.key, key_of(token), is_strong, keyed(request.headers))):
        raise SessionOver
    return kept(session, token)


def keep_password(account: Account, hash: str, *, is_long: bool | None) -> None:
    """`is_long`: enough without a second factor. None: the same password as before."""
    server_bound("SELECT keep_password(%s, %s, %s)", (account.uuid, hash, is_long))
