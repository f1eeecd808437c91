"""What the diary says about each incident. Pure functions: lines in, incidents out. What was said last counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.ops.incident.chain import TORN, ChainLine, DiaryHead
from homeroom.portal.incidents.clocks import MANY, Hold

STAGES = ("assess", "contain", "notify", "resolve", "review", "closed")
STARTS = ("declared", "started earlier", "started later")
# What the operator writes for others: for districts and affected people within 24 hours, and when the incident is resolved.
PARTS = ("impact", "actions", "plan", "timeline", "details", "safeguards")


@dataclass(frozen=True, slots=True)
class DiaryFact:
    """`by` was typed or is the user behind sudo, and `user` is who ran the command. `portal` is empty for a fact about the whole incident."""

    head: DiaryHead
    at: datetime
    by: str
    user: str
    incident: int
    kind: str
    what: str = ""
    words: str = ""
    moment: datetime | None = None
    portal: str = ""
    people: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class District:
    """An affected district, as it was when it was named. `people` are affected there, or None before someone counted."""

    portal: str
    name: str
    zone: str
    people: int | None


@dataclass(frozen=True, slots=True)
class Incident:
    number: int
    title: str
    zone: str
    facts: tuple[DiaryFact, ...]

    @property
    def start(self) -> datetime:
        return next(fact.moment for fact in reversed(self.facts) if fact.kind in STARTS and fact.moment)

    @property
    def stage(self) -> str:
        return next((fact.what for fact in reversed(self.facts) if fact.kind == "stage"), STAGES[0])

    @property
    def is_closed(self) -> bool:
        return self.stage == "closed"

    @property
    def proposed(self) -> DiaryFact | None:
        """Returns the later start that waits for a second lead. Any other start after it ends it."""
        last = next(fact for fact in reversed(self.facts) if fact.kind in (*STARTS, "later proposed"))
        return last if last.kind == "later proposed" else None

    def districts(self) -> tuple[District, ...]:
        counts = {fact.portal: fact.people for fact in self.facts if fact.kind == "counted"}
        named = {fact.portal: fact for fact in reversed(self.facts) if fact.kind == "district"}
        order = dict.fromkeys(fact.portal for fact in self.facts if fact.kind == "district")
        return tuple(District(each, str(named[each].more["name"]), str(named[each].more["zone"]), counts.get(each)) for each in order)

    def people(self) -> int | None:
        """Returns how many are affected in all districts together. None means that a count is missing, and that the others don't pass 500 yet."""
        counts = [each.people for each in self.districts()]
        known = sum(count for count in counts if count is not None)
        return known if (counts and None not in counts) or known > MANY else None

    def done(self, portal: str) -> dict[str, datetime]:
        """Returns when each clock's work was done. What was done first counts."""
        done: dict[str, datetime] = {}
        for fact in self.facts:
            if fact.kind == "done" and fact.portal == portal and fact.moment:
                done[fact.what] = min(fact.moment, done.get(fact.what, fact.moment))
        return done

    def own_holds(self) -> dict[str, Hold]:
        """Returns the last hold of each district, and of the whole incident under "". A new record replaces the one before."""
        holds: dict[str, Hold] = {}
        for fact in self.facts:
            if fact.kind == "hold":
                holds[fact.portal] = Hold(fact.at, fact.moment)
            elif fact.kind == "hold ended" and fact.portal in holds:
                holds[fact.portal] = Hold(holds[fact.portal].since, fact.moment)
        return holds

    def hold(self, portals: Iterable[str]) -> Hold | None:
        """Returns the hold that ends last for these districts."""
        holds = self.own_holds()
        asked = [holds[portal] for portal in ("", *portals) if portal in holds]
        return next((each for each in asked if each.end is None), max(asked, key=lambda each: each.end or each.since, default=None))

    def part(self, name: str, portal: str = "") -> str:
        """Returns the newest text of this part: the district's own, or the one for everyone."""
        found = [fact for fact in self.facts if fact.kind == "written" and fact.what == name and fact.portal in ("", portal)]
        own = [fact for fact in found if fact.portal == portal]
        return (own or found)[-1].words if found else ""


def incidents_in(lines: Iterable[ChainLine]) -> dict[int, Incident]:
    """Returns the incidents by number. A line that another release wrote, and that this one can't read, is left out."""
    facts: dict[int, list[DiaryFact]] = {}
    for line in lines:
        if (fact := fact_in(line)) is not None and (fact.incident in facts or fact.kind == "declared"):
            facts.setdefault(fact.incident, []).append(fact)
    return {number: Incident(number, found[0].what, str(found[0].more.get("zone", "UTC")), tuple(found)) for number, found in facts.items()}


def fact_in(line: ChainLine) -> DiaryFact | None:
    values = line.values
    if values.get("kind") == TORN:
        return None
    try:
        return DiaryFact(
            line.head,
            moment_in(values["at"]),
            str(values["by"]),
            str(values["user"]),
            int(values["incident"]),
            str(values["kind"]),
            str(values.get("what", "")),
            str(values.get("words", "")),
            moment_in(values["moment"]) if values.get("moment") else None,
            str(values.get("portal", "")),
            int(values["people"]) if values.get("people") is not None else None,
            dict(values.get("more", {})),
        )
    except (KeyError, TypeError, ValueError):
        return None


def moment_in(text: object) -> datetime:
    """Raises ValueError."""
    found = datetime.fromisoformat(str(text))
    if found.tzinfo is None:
        raise ValueError(text)
    return found
