"""What the operator gives to others: a district's report, and a notice for the operator's own website. Pure functions: an incident in, a text out.

A report has nothing of another district. A notice has nothing about a person. Both are refused if a text seems to break that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.ops.answers import NotDone
from homeroom.ops.incident.due import due_of
from homeroom.ops.incident.facts import STARTS, District, Incident
from homeroom.ops.incident.showing import CLOCKS, KINDS, state_of, when_of
from homeroom.ops.incident.times import shown
from homeroom.portal.incidents.clocks import MANY

FIRST, LAST = ("actions", "plan", "timeline"), ("details", "safeguards")
REPORTED = {
    "impact": "What it means for your people", "actions": "What we have done", "plan": "What we will do", "timeline": "When",
    "details": "What happened", "safeguards": "What keeps it from happening again",
}  # fmt: skip
NOTICE = {
    "impact": "What happened", "actions": "What we have done", "plan": "What we will do", "timeline": "When", "details": "What we found",
    "safeguards": "What keeps it from happening again",
}  # fmt: skip
NEEDED = ("impact", "actions", "plan", "timeline")
PERSONAL = {
    "an email address": re.compile(r"\S@\S+\.\w"),
    "a phone number": re.compile(r"\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}|\b\d{3}[.-]\d{4}\b"),
    "a long number": re.compile(r"\d{6,}"),
}
MOMENTS = {**dict.fromkeys(STARTS, "discovered"), "hold": "until"}
SHARED = ("declared", "started earlier", "started later", "stage", "done", "hold", "hold ended", "counted")


@dataclass(frozen=True, slots=True)
class Report:
    """`head` is the diary's newest line. A copy outside this computer shows later whether lines are gone."""

    incident: Incident
    district: District
    now: datetime
    head: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.district.zone)

    def parts(self) -> dict[str, str]:
        return {part: words for part in REPORTED if (words := self.incident.part(part, self.district.portal))}

    def clocks(self) -> list[tuple[str, str, str]]:
        own = [due for due in due_of(self.incident, self.now) if due.portal in ("", self.district.portal) and due.clock.state != "not needed"]
        return [(CLOCKS[due.clock.rule.name], state_of(due, self.now), when_of(due)) for due in own]

    def events(self) -> list[tuple[datetime, str]]:
        """Returns what was done and decided, without free text, in the order of time."""
        found = []
        for fact in self.incident.facts:
            if fact.kind in SHARED and fact.portal in ("", self.district.portal):
                said = " ".join(filter(None, (KINDS[fact.kind], CLOCKS.get(fact.what, fact.what if fact.kind == "stage" else ""))))
                people = f" {fact.people} people" if fact.people is not None else ""
                joined = MOMENTS.get(fact.kind)
                moment = f", {joined} {shown(fact.moment, self.zone)}" if joined and fact.moment else ""
                found.append((fact.moment if fact.kind == "done" and fact.moment else fact.at, f"{said}{people}{moment}"))
        return sorted(found)


def report_of(incident: Incident, portal: str, now: datetime, head: str, *, is_last: bool) -> Report:
    """Raises NotDone if a part is missing, or if a text names another district."""
    district = next((each for each in incident.districts() if each.portal == portal), None)
    if district is None:
        raise NotDone(f"{portal!r} is no district of incident {incident.number}.")
    report = Report(incident, district, now, head)
    require(incident, (*FIRST, *(LAST if is_last else ())), portal)
    others = [name for each in incident.districts() if each.portal != portal for name in (each.portal, each.name)]
    for part, words in {"title": incident.title, **report.parts()}.items():
        if named := named_in(words, others):
            own = f"`homeroom incident write {incident.number} {part} --district {portal}`"
            raise NotDone(f"The text {part!r} names {named}, which is another district. Write one for this district: {own}.")
    return report


def require(incident: Incident, parts: Iterable[str], portal: str = "") -> None:
    """Raises NotDone."""
    if missing := [part for part in parts if not incident.part(part, portal)]:
        raise NotDone(f"Write first: {', '.join(missing)}. For example: `homeroom incident write {incident.number} {missing[0]}`.")


def named_in(words: str, names: Iterable[str]) -> str:
    """Returns the first of these names in the text, as a whole word, or ""."""
    return next((name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE)), "")


def report_json(report: Report) -> dict[str, Any]:
    return {
        "incident": report.incident.number, "title": report.incident.title, "portal": report.district.portal, "district": report.district.name,
        "made": report.now, "time_zone": report.district.zone, "discovered": report.incident.start, "stage": report.incident.stage,
        "people": report.district.people, **report.parts(), "clocks": [dict(zip(("what", "state", "due"), row, strict=True)) for row in report.clocks()],
        "events": [{"at": at, "what": what} for at, what in report.events()], "head": report.head,
    }  # fmt: skip


def report_markdown(report: Report) -> str:
    """Returns the report as Markdown, which is also plain text to read."""
    one, zone = report.incident, report.zone
    people = "not counted yet" if report.district.people is None else report.district.people
    lines = [f"# Security incident {one.number}: {one.title}", f"For {report.district.name}. Made {shown(report.now, zone)}.",
             f"Discovered {shown(one.start, zone)}. Stage: {one.stage}. Affected people in your district: {people}."]  # fmt: skip
    lines += [f"## {REPORTED[part]}\n\n{words}" for part, words in report.parts().items()]
    clocks = [(what, when if when.startswith(state) else ". ".join(filter(None, (state, when)))) for what, state, when in report.clocks()]
    lines.append("## Deadlines\n\n" + "\n".join(f"* {what}: {told}" for what, told in clocks))
    lines.append("## So far\n\n" + "\n".join(f"* {shown(at, zone)}: {what}" for at, what in report.events()))
    lines.append(f"Keep this line. It shows later that our diary was not shortened: {report.head}")
    return "\n\n".join(lines) + "\n"


def notice_of(incident: Incident, phones: Mapping[str, str], names: Sequence[str], now: datetime, *, is_anyway: bool) -> str:
    """Returns a page of HTML. `phones` are the districts' public phones, and `names` may not occur in it. Raises NotDone if it isn't due, is on hold, lacks a
    part, or seems to name a person."""
    people = incident.people()
    if not is_anyway and (people is None or people <= MANY):
        raise NotDone("Not everyone is counted yet." if people is None else f"{people} people are affected. The notice is for more than {MANY}.")
    hold = incident.hold([each.portal for each in incident.districts()])
    if hold is not None and (hold.end is None or now < hold.end):
        raise NotDone("Law enforcement asked to wait with notices to the public. Record the end of the hold first.")
    require(incident, NEEDED)
    parts = {part: words for part in NOTICE if (words := incident.part(part))}
    for part, words in parts.items():
        if what := personal_in(words, names):
            raise NotDone(f"The text {part!r} has {what}. Everyone reads this notice. Write it again: `homeroom incident write {incident.number} {part}`.")
    return page_of(parts, [(each.name, phones.get(each.portal, "")) for each in incident.districts()], shown(now, ZoneInfo(incident.zone)))


def personal_in(words: str, names: Iterable[str]) -> str:
    """Returns what in the text could be about a person, or ""."""
    if named := named_in(words, names):
        return f"the name {named}"
    return next((what for what, pattern in PERSONAL.items() if pattern.search(words)), "")


def page_of(parts: Mapping[str, str], districts: Sequence[tuple[str, str]], made: str) -> str:
    """Returns one file without styles, scripts or addresses, so it fits in any website."""
    body = [f"<h2>{NOTICE[part]}</h2>\n" + "\n".join(f"<p>{escape(each)}</p>" for each in words.split("\n") if each.strip()) for part, words in parts.items()]
    listed = "\n".join(f"<li>{escape(name)}{f': {escape(phone)}' if phone else ''}</li>" for name, phone in districts)
    return PAGE.format(made=escape(made), body="\n".join(body), districts=listed)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notice of a security incident</title>
</head>
<body>
<main>
<h1>Notice of a security incident</h1>
<p>Published {made}.</p>
{body}
<h2>Questions</h2>
<p>Call the district:</p>
<ul>
{districts}
</ul>
</main>
</body>
</html>
"""
