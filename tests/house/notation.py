"""How the matrix is written down: what a function answers to each role, and what it changes.

A role is person/side as the casts name them; "" is nobody. Rows are named as the casts name them; _ stands for a space within a name,
and a bracket gives alternatives: algebra/[nina max].
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ROLES = tuple(
    """ana/family nina/student leo/student max/student jo/family tia/family bo/staff dana/staff dana/family dee/family gus/family carl/staff rosa/staff
    pat/staff vera/staff lou/family ada/staff ada/family fay/staff cam/staff ruth/staff oz/staff oz/family ted/staff ora/family pia/family uma/family zoe/family
    ned/student ivy/student hal/student kit/student carl/stale uma/weak nina/card ray/support""".split()
) + ("",)
OVER = ("ana/ended", "ana/expired", "ana/idle", "carl/weak")  # sessions that ask nothing
DISTRICT = "carl/staff ada/staff"  # administrators of the district; Ada is Kai's guardian
OFFICES = DISTRICT + " fay/staff"
ODD = ("carl/stale", "nina/card")  # sessions that read as others of their person do, and differ in what they may change
READERS = tuple(role for role in ROLES if role not in ODD)
EVERYONE = " ".join(role for role in READERS if role not in ("", "ray/support"))
type Rows = Mapping[str, str]  # roles → names of rows


@dataclass(frozen=True)
class Read:
    """call: of {names}, values of the casts. key: columns that name a row. rows: what roles get without a view; others get nothing.

    left_out: columns whose value moves with the clock, by chance or with a number. writes: what a call by one of these roles writes down,
    also where it answers no row.
    """

    call: str
    key: str
    rows: Rows
    left_out: str = ""
    writes: str = ""


@dataclass(frozen=True)
class Act:
    """call: as of Read. said: roles → what it answers; everybody else gets `refused`, and nothing changes for them.

    writes: what each answer changes, as probe_changes() tells it; where roles differ, "role answer". view: act and subject of the view
    that it needs; unviewed: roles → what it answers without it, where that is not `refused`.
    """

    call: str
    said: Rows
    writes: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    view: tuple[str, str] | None = None
    unviewed: Rows = field(default_factory=dict)


def roles_of(rows: Rows) -> dict[str, str]:
    """{role: names}: the keys name several roles."""
    found: dict[str, str] = {}
    for roles, names in rows.items():
        for role in roles.split() or [""]:
            assert role in ROLES, f"there is no role {role}"
            found[role] = f"{found.get(role, '')} {names}".strip()
    return found


def names(text: str) -> set[str]:
    """The words of the notation, brackets written out."""
    joined = re.sub(r"\[[^]]*\]", lambda bracket: "|".join(bracket[0].split()), text)
    return {name for word in joined.split() for name in alternatives(word)}


def alternatives(word: str) -> Iterator[str]:
    head, bracket, rest = word.partition("[")
    if not bracket:
        yield word
        return
    inside, _, tail = rest.partition("]")
    for choice in inside.split("|"):
        yield from (head + choice + end for end in alternatives(tail))
