"""Where the board is told of acts that two people decide: named when the portal is set up, told to whoever hosts."""

from typing import Any

from psycopg import Connection

from homeroom.ops.nights import checked_mail

READ = "SELECT board_mail FROM district"
WRITE = "UPDATE district SET board_mail = %s"
TOLD = "SELECT ledger_change('board''s address', NULL, NULL, 'operator', NULL, '')"


def chosen(connection: Connection[Any]) -> str:
    return str((connection.execute(READ).fetchone() or ("",))[0])


def choose(connection: Connection[Any], mail: str) -> None:
    """Empty: none. In the caller's transaction. Raises NotDone."""
    connection.execute(WRITE, [checked_mail(mail)])
    connection.execute(TOLD)
