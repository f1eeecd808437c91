"""What `homeroom doctor` says about incidents: a changed diary, a passed deadline, no one to call, or no drill for half a year."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation
from homeroom.ops.incident.drills import EVERY, drills_in, last_complete
from homeroom.ops.incident.due import due_of
from homeroom.ops.incident.facts import incidents_in
from homeroom.ops.incident.journal import DIARY, DRILLS, Journal, judged, open_ways
from homeroom.ops.incident.people import ROLES, contact_of, leads

STATES = {"whole": "ok", "torn": "warn", "headless": "warn", "cut": "bad", "broken": "bad"}


def incidents(folder: Path) -> Iterator[Finding]:
    installation, now = Installation(folder), datetime.now(UTC)
    for name in (DIARY, DRILLS):
        yield from chained(Journal(folder, name))
    yield from deadlines(Journal(folder, DIARY), now)
    if installation.words.get("demo") is not True:
        yield from people(installation)
        yield practiced(Journal(folder, DRILLS), now)


def kept_about(folder: Path, slug: str) -> list[str]:
    """Returns what a removal of this portal leaves in the diary, as a sentence, or nothing."""
    known = incidents_in(Journal(folder, DIARY).read().lines).values()
    named = [str(one.number) for one in known if slug in (each.portal for each in one.districts())]
    return [f"What {Journal(folder, DIARY).path} has about incidents of {slug}: {', '.join(named)}."] if named else []


def chained(journal: Journal) -> Iterator[Finding]:
    chain, known = journal.read(), journal.known_head()
    if chain.lines or chain.torn or known:
        found = judged(chain, known)
        yield Finding(STATES[found.state], f"incidents: {journal.name}", found.told)  # type: ignore[arg-type]  # its values are states
    for path in open_ways(journal):
        yield Finding("bad", f"incidents: {journal.name}", f"Other users of this computer can open {path}. Run `chmod go= {path}`.")


def deadlines(journal: Journal, now: datetime) -> Iterator[Finding]:
    for one in incidents_in(journal.read().lines).values():
        over = [] if one.is_closed else [each for each in due_of(one, now) if each.clock.state == "overdue"]
        if over:
            what = "; ".join(map(str, over))
            yield Finding("bad", f"incident {one.number}", f"Past its deadline: {what}. Run `homeroom incident show {one.number}`.")
        elif not one.is_closed:
            yield Finding("warn", f"incident {one.number}", f"Is open. Run `homeroom incident show {one.number}` for its deadlines.")


def people(installation: Installation) -> Iterator[Finding]:
    for role, named in leads(installation).items():
        if named is None:
            yield Finding("warn", f"incidents: {ROLES[role]}", f"No one is named, so no one knows whom to call. Run `homeroom incident lead {role} --help`.")
    for portal in installation.whole():
        if contact_of(installation, portal.name) is None:
            told = f"No one is named in the district. Run `homeroom portal contact {portal.name} --help`."
            yield Finding("warn", f"{portal.name}: contact for incidents", told)


def practiced(journal: Journal, now: datetime) -> Finding:
    """Two drills a year are due, so a complete one is never older than half a year."""
    last = last_complete(drills_in(journal.read().lines))
    if last is None:
        return Finding("warn", "incidents: drills", "No complete drill is recorded. Two a year are due. Run `homeroom incident drill`.")
    if now - last > EVERY:
        return Finding("warn", "incidents: drills", f"The last complete drill was on {last:%Y-%m-%d}. Two a year are due. Run `homeroom incident drill`.")
    return Finding("ok", "incidents: drills", f"The last complete drill was on {last:%Y-%m-%d}. The next is due by {last + EVERY:%Y-%m-%d}.")
