"""The email address at which the board is notified of acts that need a second approval. The operator sets it."""

from typing import Any

from psycopg import Connection

from homeroom.ops.host.addresses import checked_mail

READ = "SELECT board_mail FROM district"
WRITE = "UPDATE district SET board_mail = %s"
TOLD = "SELECT ledger_change('board''s address', NULL, NULL, 'operator', NULL, '')"


def chosen(connection: Connection[Any]) -> str:
    return str((connection.execute(READ).fetchone() or ("",))[0])


def choose(connection: Connection[Any], mail: str) -> None:
    """Sets the address in the caller's transaction. An empty `mail` removes it. Raises NotDone."""
    connection.execute(WRITE, [checked_mail(mail)])
    connection.execute(TOLD)
