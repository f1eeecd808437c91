"""Changing a password while signed in, with the current password."""

from django.db import connection, transaction
from django.http import HttpRequest

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.door.again import by_password
from homeroom.portal.door.hashing import composed
from homeroom.portal.door.keeping import SessionOver, hold, keep
from homeroom.portal.door.models import Account
from homeroom.portal.door.passwords import ALONE, BESIDE, check_names, check_password
from homeroom.portal.door.sessions import Entry
from homeroom.portal.door.signing_in import renewed


def shortest_for(account: Account) -> int:
    """Returns a smaller number if the account has a second factor, or must have one before it gets in."""
    return BESIDE if server_bound("SELECT asks_second(%s)", (account.uuid,)) else ALONE


def change_password(request: HttpRequest, session: Session, address: str) -> Entry:
    """Ends every other session (door/triggers.sql). Raises NotTogether, Wait, PasswordRefused and SessionOver."""
    account, password = session.account, composed(request.POST.get("new_password", ""))
    by_password(request, account, address)
    check_password(password, account.sign_in_name, shortest_for(account))
    connection.ensure_connection()
    check_names(connection.connection, account.uuid, password)
    kept = renewed(password)
    with transaction.atomic():
        hold(request, session)
        if not server_bound("SELECT change_password(%s, %s, %s)", (session.key, kept, len(password) >= ALONE)):
            raise SessionOver
        return keep(request, session, is_strong=session.is_strong)
