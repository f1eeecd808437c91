"""Sign-ins of a demonstration: one person of each kind, made as the operator's commands make them.

A process of its own, since Django speaks to one portal a process: python -m homeroom.ops.demo_people PORTAL, with a
JSON plan on standard input.
"""

import json
import sys
from pathlib import Path
from typing import Any

from homeroom.ops.owner import database_up, speak_django


def make_people(portal: Path, plan: dict[str, Any]) -> None:
    """plan: accounts [person, side, sign-in name], staff's with the plan's authenticator; ties [adult, student, relation], duties [person, school, duty]."""
    speak_django(portal)
    from django.utils.timezone import localdate

    from homeroom.ops import factors, people

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
