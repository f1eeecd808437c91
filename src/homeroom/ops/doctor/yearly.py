"""The yearly review of second factors, updates, a tested restore and a drill (CISA K-12; K12 SIX), and what the doctor says about it and the contact."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.rehearsals import last_rehearsal
from homeroom.ops.backup.results import results
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation, making
from homeroom.ops.host.owner import owner
from homeroom.ops.incident.drills import drills_in, last_complete
from homeroom.ops.incident.journal import DRILLS, Journal
from homeroom.ops.portal.moving import write_words
from homeroom.portal.data_sheet.yearly import EVERY, ITEMS, REVIEW, YearlyReview, contact_in, review_in
from homeroom.portal.place import Place

TOLD = "SELECT ledger_change('yearly review', NULL, NULL, 'operator', NULL, %s)"
MISSING = {
    "factors": "Check that each staff account has a second factor, and write the day with --factors.",
    "updates": "Check that the portal and its computer have their updates, and write the day with --updates.",
    "restore": "No tested restore is recorded here. Test one, or write its day with --restore.",
    "drill": "No complete drill is recorded here. Hold one with `homeroom incident drill`, or write its day with --drill.",
}


def reviewed(portal: Path) -> YearlyReview | None:
    return review_in(_words(portal))


def known(installation: Installation, portal: Path) -> dict[str, date]:
    """Returns the days that this computer recorded itself: of the last restore that was tested, and of the last complete drill."""
    zone = Place.read(portal).zone
    restored = [datetime.fromisoformat(each.at) for each in results(portal) if each.is_well and each.tier]
    restored += [last] if (last := last_rehearsal(portal / "backup")) else []
    drilled = last_complete(drills_in(Journal(installation.folder, DRILLS).read().lines))
    moments = {"restore": max(restored, default=None), "drill": drilled}
    return {item: moment.astimezone(zone).date() for item, moment in moments.items() if moment}


def sign(installation: Installation, slug: str, role: str, name: str, days: Mapping[str, date]) -> YearlyReview:
    """Records the review in the access log and in portal.toml. Raises NotDone."""
    portal, name = installation.portal(slug), " ".join(name.split())
    today = datetime.now(Place.read(portal).zone).date()
    done = {**known(installation, portal), **days}
    for item in ITEMS:
        check_day(item, done.get(item), today)
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise NotDone("Write the signer's name in 1 to 120 characters, with --name.")
    review = YearlyReview(today, role, name, done)
    with making(installation.folder, is_alone=True), owner(portal) as connection:
        connection.execute(TOLD, ["; ".join([f"{role}, {name}", *(f"{item} {done[item]}" for item in ITEMS)])])
        write_words(portal, {REVIEW: review.as_words()})
    return review


def check_day(item: str, day: date | None, today: date) -> None:
    """Raises NotDone."""
    if day is None:
        raise NotDone(f"{MISSING[item]} Nothing was recorded.")
    if not today - EVERY <= day <= today:
        raise NotDone(f"The day of {item} must be in the last 365 days, and it is {day}. Nothing was recorded.")


def yearly(portal: Path) -> Iterator[Finding]:
    """A made-up district of a demo needs neither."""
    if Installation(portal.parent.parent).words.get("demo") is True:
        return
    words, what = _words(portal), f"{portal.name}: security contact"
    if contact := contact_in(words):
        yield Finding("ok", what, f"{contact.email} and {contact.phone} are on the public page.")
    else:
        told = f"No one can report a security problem: the public page names no one. Run `homeroom portal security-contact {portal.name} --help`."
        yield Finding("warn", what, told)
    yield _due(portal.name, review_in(words), datetime.now(ZoneInfo(str(words.get("time_zone", UTC)))).date())


def _due(slug: str, review: YearlyReview | None, today: date) -> Finding:
    what = f"{slug}: yearly review"
    if review is None:
        return Finding("warn", what, f"None is recorded. Run `homeroom portal review {slug} --help`.")
    if review.is_overdue(today):
        return Finding("bad", what, f"Overdue since {review.due}. The last one was signed on {review.signed_on}. Run `homeroom portal review {slug} --help`.")
    return Finding("ok", what, f"Signed on {review.signed_on}. The next one is due by {review.due}.")


def _words(portal: Path) -> dict[str, object]:
    try:
        return tomllib.loads((portal / "portal.toml").read_text())
    except (OSError, ValueError):
        return {}
