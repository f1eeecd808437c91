"""Brings the development portal's database to the present code, and writes the cast of the tests into an empty one."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from homeroom.ops.host.owner import migrate, speak_django
from homeroom.ops.host.release import is_current
from homeroom.portal.place import Place
from tests.cast import write_cast
from tests.writer import Writer

PASSWORD = "correct horse harbor staple"  # noqa: S105  of made-up people, on loopback
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of every staff member's authenticator app
SIGN_INS = {
    "ana.family": "Ana Ruiz, a parent of Nina and Leo",
    "nina.student": "Nina Ruiz, a student in grade 7",
    "bo.staff": "Bo Larsen, a teacher of Algebra 1",
    "gail.staff": "Gail Frey, the registrar of Lincoln Middle",
    "carl.staff": "Carl Webb, an administrator of the district",
}


def main(portal: Path) -> None:
    if is_current(portal):
        speak_django(portal)
    else:
        migrate(portal)
    with psycopg.connect(**Place.read(portal).conninfo("owner")) as owner:
        if owner.execute("SELECT 1 FROM district").fetchone():
            return
        ids = write_cast(owner, now := datetime.now(UTC))
        write_registrar(owner, ids, now)
    give_authenticators()


def write_registrar(owner: psycopg.Connection[Any], ids: dict[str, int], now: datetime) -> None:
    """Writes Gail Frey. No one in the cast has only this duty."""
    from homeroom.portal.door.accounts import create_account

    w = Writer(owner)
    gail = w.sourced("person", "gail", given_name="Gail", family_name="Frey", grade_levels=[], is_student=False, is_staff=True)
    w.row("duty", person_id=gail, school_id=ids["middle"], duty="registrar", start_date=now.date() - timedelta(60))
    create_account(owner, gail, "staff", "gail.staff", PASSWORD)


def give_authenticators() -> None:
    """The rules ask every staff member for a second factor, here as in production."""
    from homeroom.portal.door.authenticators import add_authenticator
    from homeroom.portal.door.models import Account

    for account in Account.objects.exclude(side="student"):
        if account.side == "staff" or account.sign_in_name == "tia.family":
            add_authenticator(account, "Authenticator app", KEY, 0, None)


if __name__ == "__main__":
    main(Path(os.environ["HOMEROOM_PORTAL"]))
