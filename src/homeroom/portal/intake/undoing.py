"""An import taken back: every row as it was before, or the reason why not."""

from typing import Any

from psycopg import Connection

from homeroom.portal.intake.delivery import Delivery
from homeroom.portal.intake.refusals import Late, Refused


def undo(connection: Connection[Any], delivery: Delivery) -> None:  # noqa: ARG001
    """In the caller's transaction. Raises Refused."""
    raise Refused(Late.FAILED)
