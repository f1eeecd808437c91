"""The deadlines of an incident. Pure functions, with the rules of the portals' own page: some run once for the operator, and the others in each district."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from homeroom.ops.incident.facts import Incident
from homeroom.portal.incidents.clocks import RULES, WEBSITE, Clock, ClockFacts, clocks_of

ONCE = (*(rule for rule in RULES if rule.name in ("leads met", "resolved")), WEBSITE)
EACH = tuple(rule for rule in RULES if rule not in ONCE)
OF_THE_OPERATOR = tuple(rule.name for rule in ONCE)
OF_A_DISTRICT = tuple(rule.name for rule in EACH)


@dataclass(frozen=True, slots=True)
class Due:
    """A clock, in the time zone of its district. `portal` is empty for the operator's own, and while no district is named."""

    portal: str
    zone: ZoneInfo
    clock: Clock

    def __str__(self) -> str:
        """Returns the clock's name, with its district: lincoln: district notified."""
        return ": ".join(filter(None, (self.portal, self.clock.rule.name)))

    @property
    def is_open(self) -> bool:
        return self.clock.state in ("running", "overdue")


def due_of(incident: Incident, now: datetime) -> list[Due]:
    """A limit of 500 people counts all districts together, because it is one incident."""
    places = [(each.portal, ZoneInfo(each.zone)) for each in incident.districts()]
    zone = ZoneInfo(incident.zone)
    found = [Due("", zone, clock) for clock in clocks_of(known_of(incident, "", zone, [portal for portal, _ in places]), now, ONCE)]
    for portal, own in places or [("", zone)]:
        found += [Due(portal, own, clock) for clock in clocks_of(known_of(incident, portal, own, [portal]), now, EACH)]
    return found


def known_of(incident: Incident, portal: str, zone: ZoneInfo, portals: Sequence[str]) -> ClockFacts:
    """Some clocks of a district begin when the operator's own work is done."""
    hold, done = incident.hold(portals), {**incident.done(""), **incident.done(portal)}
    return ClockFacts(incident.start, incident.people(), done, [hold] if hold else [], zone)


def next_due(found: Sequence[Due]) -> Due | None:
    """Returns the earliest deadline that runs or has passed."""
    return min((each for each in found if each.is_open and each.clock.due), key=lambda each: (each.clock.due, each.portal), default=None)
