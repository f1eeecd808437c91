"""Notifies an account of what happened to it. access/telling/acts.sql has the list of kinds, and news.py has the words."""

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door.models import Account


def tell(account: Account, what: str) -> None:
    server_bound("SELECT tell_own(%s, %s)", (account.uuid, what))
