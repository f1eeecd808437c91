"""SQL that protect() writes from what the rooms declare. It replaces each line `-- {these words}` in the *.sql files.

Lines are in order of their names and not of imports, so that all processes write the same rules."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from homeroom.portal.access.policy import Act, NotDeclared, Opening, acts, duties, two_person_acts

PLACE = re.compile(r"^ *-- \{(.+)\}$", re.MULTILINE)


class DeclaredLine(NamedTuple):
    """`calls` is the function of a lower floor that the line calls. "" means none."""

    of: str
    calls: str
    sql: str


def opening() -> Iterator[tuple[Act, Opening]]:
    return ((act, act.opens) for act in acts() if act.opens)


def acts_that_open() -> Iterator[DeclaredLine]:
    for act, opens in opening():
        kinds = ", ".join(f"'{kind}'" for kind in opens.kinds)
        given, takes = ("subject", "uuid,text[]")
        if opens.lists or opens.searches:
            given, takes = ("subject, words, after", "uuid,text,integer,text[]") if opens.lists else ("subject, words", "uuid,text,text[]")
        sql = f"    WHEN '{act}' THEN\n        RETURN QUERY SELECT * FROM {opens.seen_by}({given}, ARRAY[{kinds}]);"
        yield DeclaredLine(act, f"{opens.seen_by}({takes})", sql)


def acts_that_list() -> Iterator[DeclaredLine]:
    return (DeclaredLine(act, "", f"    UNION ALL SELECT '{act}'") for act, opens in opening() if opens.lists)


def acts_that_search() -> Iterator[DeclaredLine]:
    return (DeclaredLine(act, "", f"    UNION ALL SELECT '{act}'") for act, opens in opening() if opens.searches)


def acts_by_card() -> Iterator[DeclaredLine]:
    return (DeclaredLine(act, "", f"    UNION ALL SELECT '{act}'") for act in acts() if act.by_card)


def accounts_of_acts() -> Iterator[DeclaredLine]:
    asked = {opens.asks: act for act, opens in opening() if opens.asks}
    return (DeclaredLine(act, f"{asks}(integer)", f"        UNION SELECT * FROM {asks}(child)") for asks, act in asked.items())


def subjects_of_acts() -> Iterator[DeclaredLine]:
    for act, opens in opening():
        if opens.about:
            yield DeclaredLine(act, f"{opens.about}(integer)", f"    UNION ALL SELECT '{act}', s FROM {opens.about}(child) s")


def what_acts_reach() -> Iterator[DeclaredLine]:
    for act, opens in opening():
        if opens.reaches:
            kinds = ", ".join(f"'{kind}'" for kind in opens.kinds)
            yield DeclaredLine(act, f"{opens.reaches}(text[])", f"    RETURN QUERY SELECT * FROM {opens.reaches}(ARRAY[{kinds}]);")


def each_duty() -> Iterator[DeclaredLine]:
    for _, duty in sorted(duties().items()):
        yield DeclaredLine(duty.name, "", f"    UNION ALL SELECT '{duty.name}', '{{{','.join(duty.opens)}}}', {duty.has_classes}, '{duty.proposed_as}'")


def each_two_person_act() -> Iterator[DeclaredLine]:
    for _, act in sorted(two_person_acts().items()):
        yield DeclaredLine(act.name, "", f"    UNION ALL SELECT '{act.name}', '{act.takes}', {act.of_district}")


def of_two_people(function: str, takes: str, call: str) -> Iterator[DeclaredLine]:
    """Yields a WHEN for each act that has its own function of this kind."""
    for _, act in sorted(two_person_acts().items()):
        if name := getattr(act, function):
            yield DeclaredLine(act.name, f"{name}({takes})", f"    WHEN '{act.name}' THEN RETURN {name}({call});")


WRITTEN: dict[str, Callable[[], Iterator[DeclaredLine]]] = {
    "acts that open something": acts_that_open,
    "acts that list": acts_that_list,
    "acts that search": acts_that_search,
    "acts by card": acts_by_card,
    "accounts of each act": accounts_of_acts,
    "subjects of each act": subjects_of_acts,
    "what each act reaches": what_acts_reach,
    "each duty": each_duty,
    "each two-person act": each_two_person_act,
    "how each is carried out": lambda: of_two_people("carries_out", "proposal", "p"),
    "what each shows": lambda: of_two_people("shows", "jsonb", "p.payload"),
    "whom each is about": lambda: of_two_people("about", "jsonb", "p.payload"),
}


def with_declared(statements: str, exists: Callable[[str], bool]) -> str:
    """`exists(signature)` says whether the database has this function by now. Raises NotDeclared."""

    def lines(place: re.Match[str]) -> str:
        found = list(WRITTEN[place[1]]())
        for line in found:
            if line.calls and not exists(line.calls):
                raise NotDeclared(f"“{line.of}” needs the function {line.calls}, which no file of a lower floor makes.")
        return "\n".join(line.sql for line in found)

    return PLACE.sub(lines, statements)
