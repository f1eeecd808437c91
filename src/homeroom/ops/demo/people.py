"""Makes a demonstration's accounts, access and duties, in the same way as the operator's commands.

It runs in its own process, because Django connects to one portal per process. Run python -m homeroom.ops.demo.people PORTAL, with a JSON plan on
standard input.
"""

import json
import sys
from pathlib import Path
from typing import Any

from homeroom.ops.host.owner import database_up, speak_django


def make_people(portal: Path, plan: dict[str, Any]) -> None:
    """Makes what `plan` lists: accounts [person, side, username], ties [adult, student, relation], duties [person, school, duty]. Staff accounts get the
    plan's authenticator."""
    speak_django(portal)
    from django.utils.timezone import localdate

    from homeroom.ops.people import factors, people

    today = localdate()
    with database_up(portal):
        for person, side, name in plan["accounts"]:
            people.create_account(people.person_of(person), side, name, plan["password"])
            if side == "staff":
                factors.give_authenticator(people.person_of(person), side, plan["authenticator"])
        for adult, student, relation in plan["ties"]:
            two = people.person_of(adult), people.person_of(student)
            people.create_tie(people.TieWish(*two, relation, today, rights=("consent", "correct", "challenge")))
        for person, school, duty in plan["duties"]:
            people.give_duty(people.person_of(person), people.school_of(school), duty, None, None)


if __name__ == "__main__":
    make_people(Path(sys.argv[1]), json.load(sys.stdin))
