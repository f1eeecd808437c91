"""The notation of the matrix: what a function answers to each role, and what it changes.

A role is person/side in the names of the casts. "" means not signed in. Rows have the casts' names. An underscore means a space in a name, and a bracket
gives alternatives: algebra/[nina max].
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ROLES = tuple(
    """ana/family nina/student leo/student max/student jo/family tia/family bo/staff dana/staff dana/family dee/family gus/family carl/staff rosa/staff
    pat/staff vera/staff lou/family ada/staff ada/family fay/staff cam/staff ruth/staff oz/staff oz/family ted/staff ora/family pia/family uma/family zoe/family
    ned/student ivy/student hal/student kit/student carl/stale uma/weak nina/card ray/support""".split()
) + ("",)
OVER = ("ana/ended", "ana/expired", "ana/idle", "carl/weak")  # sessions that can't ask anything
DISTRICT = "carl/staff ada/staff"  # administrators of the district. Ada is Kai's guardian
OFFICES = DISTRICT + " fay/staff"
ODD = ("carl/stale", "nina/card")  # sessions that read like others of their person, and differ in what they may change
READERS = tuple(role for role in ROLES if role not in ODD)
EVERYONE = " ".join(role for role in READERS if role not in ("", "ray/support"))
type Rows = Mapping[str, str]  # roles → names of rows


@dataclass(frozen=True)
class Read:
    """`call` has {names} for values of the casts. `key` has the columns that name a row. `rows` is what roles get without a view. Others get no row.

    `left_out` has columns whose value depends on the clock, chance or a number. `writes` is what a call by one of these roles writes, even if it answers no
    row.
    """

    call: str
    key: str
    rows: Rows
    left_out: str = ""
    writes: str = ""


@dataclass(frozen=True)
class Act:
    """`call` is as in Read. `said` maps roles to the answer. Everyone else gets `refused`, and nothing changes for them.

    `writes` is what each answer changes, as probe_changes() says it, by "role answer" if roles differ. `view` is act and subject of the view that it needs.
    `unviewed` maps roles to the answer without that view, if it isn't `refused`.
    """

    call: str
    said: Rows
    writes: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    view: tuple[str, str] | None = None
    unviewed: Rows = field(default_factory=dict)


def roles_of(rows: Rows) -> dict[str, str]:
    """Returns {role: names}. The keys name several roles."""
    found: dict[str, str] = {}
    for roles, names in rows.items():
        for role in roles.split() or [""]:
            assert role in ROLES, f"there is no role {role}"
            found[role] = f"{found.get(role, '')} {names}".strip()
    return found


def names(text: str) -> set[str]:
    """Returns the words of the notation, with brackets written out."""
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
