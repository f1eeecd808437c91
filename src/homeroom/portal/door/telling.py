"""Telling an account what happened to it: access/telling/acts.sql has the list of what can be told, news.py the words."""

from django.db import connection

from homeroom.portal.door.models import Account


def tell(account: Account, what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tell_account(%s, %s, %s)", [account.person_id, account.side, what])
