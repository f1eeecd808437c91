"""What a command adds to the diary. Each checks what the diary says at that moment, while no other command can write."""

import os
import pwd
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation
from homeroom.ops.incident.chain import Chain, ChainLine, DiaryHead
from homeroom.ops.incident.due import OF_A_DISTRICT, OF_THE_OPERATOR
from homeroom.ops.incident.facts import PARTS, STAGES, Incident, incidents_in
from homeroom.ops.incident.journal import DIARY, Journal
from homeroom.ops.incident.people import ROLES, leads, role_named
from homeroom.portal.place import Place, PlaceOdd

LONGEST_TITLE, LONGEST_TEXT = 120, 8000  # characters
OLDEST = timedelta(days=730)

type Values = Mapping[str, Any]
type Typed = Callable[[Incident, datetime], datetime]  # a time that was typed, read in the incident's time zone


@dataclass(frozen=True, slots=True)
class Who:
    """`user` ran the command. `by` is the name that was typed, or the user behind sudo. Neither proves who it was."""

    by: str
    user: str

    @classmethod
    def here(cls, by: str = "") -> "Who":
        user = pwd.getpwuid(os.getuid()).pw_name
        return cls(line_of(by) if by else os.environ.get("SUDO_USER", "") or signed_in() or user, user)


def signed_in(path: Path = Path("/proc/self/loginuid")) -> str:
    """Returns the user who signed in to this computer, as the kernel keeps it through sudo and su. Returns "" if it doesn't know."""
    try:
        return pwd.getpwuid(int(path.read_text())).pw_name
    except (OSError, ValueError, KeyError, OverflowError):
        return ""


@dataclass(frozen=True, slots=True)
class Recorded:
    number: int
    head: DiaryHead
    at: datetime


def record(folder: Path, who: Who, number: int, make: Callable[[Incident, datetime], Values]) -> Recorded:
    """Adds a fact to an incident. `make` returns its values. Raises NotDone, and what `make` raises."""

    def whole(chain: Chain) -> Values:
        now = datetime.now(UTC)
        return {**head_of_line(who, now), "incident": number, **make(found(chain, number), now)}

    return recorded(number, Journal(folder, DIARY).append(whole))


def recorded(number: int, line: ChainLine) -> Recorded:
    return Recorded(number, line.head, datetime.fromisoformat(line.values["at"]))


def head_of_line(who: Who, now: datetime) -> dict[str, str]:
    return {"at": now.isoformat(timespec="microseconds"), "by": who.by, "user": who.user}


def found(chain: Chain, number: int) -> Incident:
    """Raises NotDone."""
    known = incidents_in(chain.lines)
    if number not in known:
        raise NotDone(f"There is no incident {number}. `homeroom incident list` shows those that were declared.")
    return known[number]


def declare(folder: Path, who: Who, title: str, words: str, discovered: datetime, zone: str) -> Recorded:
    """Raises NotDone."""
    number = 0
    title, words = line_of(title), text_of(words)
    if not title or len(title) > LONGEST_TITLE:
        raise NotDone(f"Give the incident a title of 1 to {LONGEST_TITLE} characters.")

    def whole(chain: Chain) -> Values:
        nonlocal number
        now = datetime.now(UTC)
        checked_start(discovered, now)
        number = max(incidents_in(chain.lines), default=0) + 1
        fact = {"incident": number, "kind": "declared", "what": title, "words": words, "moment": stored(discovered), "more": {"zone": zone}}
        return {**head_of_line(who, now), **fact}

    line = Journal(folder, DIARY).append(whole)
    return recorded(number, line)


def name_district(installation: Installation, who: Who, number: int, slug: str, words: str = "") -> Recorded:
    """Names an affected district. Its name and time zone are copied, so that the diary needs no portal later. Raises NotDone."""
    try:
        place = Place.read(installation.folder / "portals" / slug)
    except PlaceOdd as odd:
        raise NotDone(f"There is no portal {slug!r} whose name and time zone can be read. There is: {', '.join(installation.slugs())}.") from odd

    def make(incident: Incident, _now: datetime) -> Values:
        if slug in (each.portal for each in incident.districts()):
            raise NotDone(f"{slug} is already a district of incident {number}.")
        return {"kind": "district", "portal": slug, "words": text_of(words), "more": {"name": place.name, "zone": place.time_zone}}

    return record(installation.folder, who, number, make)


def note(folder: Path, who: Who, number: int, words: str) -> Recorded:
    return record(folder, who, number, lambda _incident, _now: {"kind": "note", "words": some(words)})


def write_part(folder: Path, who: Who, number: int, part: str, words: str, slug: str = "") -> Recorded:
    if part not in PARTS:
        raise NotDone(f"{part!r} is no part of a report. Choose {', '.join(PARTS)}.")
    return record(
        folder, who, number, lambda incident, _: {"kind": "written", "what": part, "words": some(words), "portal": slug and district_in(incident, slug)}
    )


def go_to(folder: Path, who: Who, number: int, stage: str, words: str = "") -> Recorded:
    """Goes to another stage. A closed incident opens again with any other stage."""
    if stage not in STAGES:
        raise NotDone(f"{stage!r} is no stage. Choose {', '.join(STAGES)}.")

    def make(incident: Incident, _now: datetime) -> Values:
        if stage == incident.stage:
            raise NotDone(f"Incident {number} is already in this stage.")
        return {"kind": "stage", "what": stage, "words": text_of(words)}

    return record(folder, who, number, make)


def mark_done(folder: Path, who: Who, number: int, clock: str, when: Typed, words: str, slug: str = "") -> Recorded:
    """Records that what a clock asks for was done. A clock of a district needs its name, unless there is only one."""

    def make(incident: Incident, now: datetime) -> Values:
        moment = when(incident, now)
        if not incident.start <= moment <= now:
            raise NotDone("Give a time between the discovery and now.")
        return {"kind": "done", "what": clock, "moment": stored(moment), "words": some(words), "portal": scope_of(incident, clock, slug)}

    return record(folder, who, number, make)


def scope_of(incident: Incident, clock: str, slug: str) -> str:
    """Returns the district that the clock runs in, or "" for the operator's own. Raises NotDone."""
    if clock not in OF_THE_OPERATOR + OF_A_DISTRICT:
        raise NotDone(f"{clock!r} is no clock. Choose {', '.join(OF_THE_OPERATOR + OF_A_DISTRICT)}.")
    if clock in OF_THE_OPERATOR:
        if slug:
            raise NotDone(f"{clock!r} is done once for all districts. Leave out --district.")
        return ""
    portals = [each.portal for each in incident.districts()]
    if not slug and len(portals) == 1:
        return portals[0]
    if not slug:
        raise NotDone(f"Name the district with --district: {', '.join(portals)}." if portals else f"{NO_DISTRICT.format(number=incident.number)}")
    return district_in(incident, slug)


NO_DISTRICT = "No district is named yet. Run `homeroom incident district {number} PORTAL`."


def district_in(incident: Incident, slug: str) -> str:
    """Raises NotDone."""
    portals = [each.portal for each in incident.districts()]
    if slug not in portals:
        raise NotDone(f"{slug!r} is no district of incident {incident.number}. There is: {', '.join(portals) or 'none yet'}.")
    return slug


def count(folder: Path, who: Who, number: int, slug: str, people: int, words: str) -> Recorded:
    return record(
        folder, who, number,
        lambda incident, _now: {"kind": "counted", "portal": district_in(incident, slug), "people": people, "words": some(words)},
    )  # fmt: skip


def start_earlier(folder: Path, who: Who, number: int, start: Typed, words: str) -> Recorded:
    """One person may do this, because every deadline then comes earlier."""

    def make(incident: Incident, now: datetime) -> Values:
        moment = checked_start(start(incident, now), now)
        if moment >= incident.start:
            raise NotDone("This isn't earlier than the discovery that is recorded. A later one needs `homeroom incident later`, and a second lead.")
        return {"kind": "started earlier", "moment": stored(moment), "words": some(words)}

    return record(folder, who, number, make)


def propose_later(installation: Installation, who: Who, number: int, start: Typed, words: str, lead: str) -> Recorded:
    """A lead proposes a later start. Nothing changes until a second lead confirms it."""
    named = known_lead(installation, lead)

    def make(incident: Incident, now: datetime) -> Values:
        moment = checked_start(start(incident, now), now)
        if moment <= incident.start:
            raise NotDone("This isn't later than the discovery that is recorded. For an earlier one, use `homeroom incident earlier`.")
        return {"kind": "later proposed", "moment": stored(moment), "words": some(words), "more": {"lead": lead, "name": named, "was": stored(incident.start)}}

    return record(installation.folder, who, number, make)


def confirm_later(installation: Installation, who: Who, number: int, lead: str, words: str) -> Recorded:
    """The second lead is another one than the first. The diary has the computer's user for both, because a name that is typed proves nothing."""
    named = known_lead(installation, lead)

    def make(incident: Incident, _now: datetime) -> Values:
        proposed = incident.proposed
        if proposed is None or proposed.moment is None:
            raise NotDone(f"No later start is proposed for incident {number}, or the start was changed after the proposal.")
        if lead == proposed.more.get("lead") or named == proposed.more.get("name"):
            raise NotDone(f"{named} proposed this. Another lead must confirm it: {', '.join(role for role in ROLES if role != proposed.more.get('lead'))}.")
        first = {"lead": proposed.more.get("lead"), "name": proposed.more.get("name"), "user": proposed.user, "by": proposed.by}
        is_same = (who.user, who.by) == (proposed.user, proposed.by)
        more = {"lead": lead, "name": named, "first": first, "proposal": proposed.head.number, "is_same_user": is_same}
        return {"kind": "started later", "moment": stored(proposed.moment), "words": some(words), "more": more}

    return record(installation.folder, who, number, make)


def known_lead(installation: Installation, role: str) -> str:
    """Returns the lead's name. Raises NotDone."""
    contact = leads(installation)[role_named(role)]
    if contact is None:
        raise NotDone(f"No {ROLES[role]} is named. Run `homeroom incident lead {role} --help`.")
    return contact.name


def checked_start(moment: datetime, now: datetime) -> datetime:
    """Raises NotDone."""
    if not now - OLDEST < moment <= now:
        raise NotDone("The discovery must be in the last two years, and not in the future.")
    return moment


def stored(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def some(words: str) -> str:
    """Raises NotDone for an empty text."""
    if not (kept := text_of(words)):
        raise NotDone("Write what happened, with --words or on standard input.")
    return kept


def text_of(words: str, longest: int = LONGEST_TEXT) -> str:
    """Returns the text without characters that could change what a terminal shows. Raises NotDone."""
    kept = "".join(each for each in words.replace("\r\n", "\n").replace("\t", " ") if each == "\n" or each.isprintable()).strip()
    if len(kept) > longest:
        raise NotDone(f"Write at most {longest} characters.")
    return kept


def line_of(words: str) -> str:
    return " ".join(text_of(words).split())


def only(districts: Sequence[str], incident: Incident) -> Sequence[str]:
    """Returns the districts that a command named, or all of the incident. Raises NotDone."""
    return [district_in(incident, each) for each in districts] or [each.portal for each in incident.districts()]
