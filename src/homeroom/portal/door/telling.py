"""Telling an account what happened to it: notices.sql has the list of what can be told, news.py the words."""

from django.db import connection

from homeroom.portal.door.models import Account


def tell(account: Account, what: str, in_session: bytes | None = None) -> None:
    """in_session: key of the session that it began with, which alone cannot read it away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tell_account(%s, %s, %s, %s)", [account.person_id, account.side, what, in_session])
