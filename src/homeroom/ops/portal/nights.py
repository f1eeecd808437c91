"""The time of a district's nightly file, and the address for import reports: the district's own choices, which an operator enters."""

from dataclasses import asdict, dataclass
from datetime import time
from typing import Any

from psycopg import Connection

from homeroom.ops.answers import NotDone
from homeroom.ops.host.addresses import checked_mail

READ = "SELECT nightly_by, nightly_weekends, it_mail FROM district"
WRITE = "UPDATE district SET nightly_by = %s, nightly_weekends = %s, it_mail = %s"
TOLD = "SELECT ledger_change(%s, NULL, NULL, 'operator', NULL, %s)"


@dataclass(frozen=True, slots=True)
class Nights:
    """`by` is a time on the district's clock, such as 06:00, or empty. `mail` is the email address of its IT contact, or empty."""

    by: str
    weekends: bool
    mail: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def told(self) -> str:
        days = "every day" if self.weekends else "Monday to Friday"
        first = f"The nightly file is expected by {self.by}, {days}." if self.by else "No nightly file is expected."
        return f"{first} " + (f"Import reports go to {self.mail}." if self.mail else "Import reports go to no one.")


def chosen(connection: Connection[Any]) -> Nights:
    by, weekends, mail = connection.execute(READ).fetchone() or (None, False, "")
    return Nights(f"{by:%H:%M}" if by else "", weekends, mail)


def choose(connection: Connection[Any], by: str | None, weekends: bool | None, mail: str | None) -> None:
    """None leaves a value as it was. Empty removes it. Runs in the caller's transaction. Raises NotDone."""
    before = chosen(connection)
    wanted = Nights(
        before.by if by is None else _hour(by), before.weekends if weekends is None else weekends, before.mail if mail is None else checked_mail(mail)
    )
    connection.execute(WRITE, [wanted.by or None, wanted.weekends, wanted.mail])
    connection.execute(TOLD, ["nightly file", f"expected by {wanted.by}" if wanted.by else "not expected"])


def _hour(text: str) -> str:
    try:
        return f"{time.fromisoformat(text):%H:%M}" if text else ""
    except ValueError as odd:
        raise NotDone("Write the time as 06:00 or 22:30, on the district's own clock.") from odd
