"""Holds by law enforcement, and the end of an incident."""

from datetime import datetime
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.incident.due import due_of
from homeroom.ops.incident.facts import Incident
from homeroom.ops.incident.recording import Recorded, Typed, Values, Who, district_in, line_of, record, some, stored


def hold(
    folder: Path, who: Who, number: int, agency: str, reference: str, ends: Typed | None, slug: str = ""
) -> Recorded:
    """Stops the deadlines of notices to people and the public (Civ. Code 1798.82(c)), and nothing else. Raises NotDone."""
    agency, reference = line_of(agency), line_of(reference)
    if not agency or not reference:
        raise NotDone("Give the agency and its reference, with --agency and --reference.")

    def make(incident: Incident, now: datetime) -> Values:
        end = ends(incident, now) if ends else None
        if end is not None and end <= now:
            raise NotDone("The end of a hold must be in the future. Leave --until out if no one knows it.")
        portal = slug and district_in(incident, slug)
        more = {"agency": agency, "reference": reference}
        return {"kind": "hold", "moment": end and stored(end), "words": f"{agency}, {reference}", "portal": portal, "more": more}

    return record(folder, who, number, make)


def end_hold(folder: Path, who: Who, number: int, words: str, slug: str = "") -> Recorded:
    """Notices are due 24 hours later. Raises NotDone."""

    def make(incident: Incident, now: datetime) -> Values:
        own = incident.own_holds().get(slug)
        if own is None or (own.end is not None and own.end <= now):
            raise NotDone("No such hold runs. A hold of one district needs --district.")
        return {"kind": "hold ended", "moment": stored(now), "words": some(words), "portal": slug}

    return record(folder, who, number, make)


def close(folder: Path, who: Who, number: int, words: str, *, is_open_allowed: bool) -> Recorded:
    """Raises NotDone while something is still to do, with or without a deadline, unless that is allowed."""

    def make(incident: Incident, now: datetime) -> Values:
        if incident.is_closed:
            raise NotDone(f"Incident {number} is already closed.")
        still = [str(each) for each in due_of(incident, now) if each.is_open or each.clock.state in ("on hold", "no number")]
        if still and not is_open_allowed:
            raise NotDone(f"Not done yet: {', '.join(still)}. Record it with `homeroom incident done`, or add --with-open-deadlines.")
        return {"kind": "stage", "what": "closed", "words": some(words), "more": {"open": still}}

    return record(folder, who, number, make)
