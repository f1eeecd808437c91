"""`homeroom incident note`, `done`, `stage` and the others that add to the diary."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from homeroom.ops.answers import AsJson
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.incident.commands import By, Number, OneDistrict, Words, answer, incident, text

if TYPE_CHECKING:
    from homeroom.ops.incident.recording import Typed

ROLE = "chief-executive, cto, it or support. Someone must be named for it."
When = Annotated[str, typer.Argument(help="A time such as '2027-03-01 08:15', in the incident's time zone.")]
Lead = Annotated[str, typer.Option(help=ROLE)]


def add_to() -> None:
    """Adds the commands to `homeroom incident`."""
    for command in (district, note, done, stage, count, earlier, later, confirm, hold, close):
        incident.command()(command)
    incident.command("hold-ended")(hold_ended)


def read_in(typed: str) -> "Typed":
    """Reads a time in the incident's time zone, once that is known."""
    from homeroom.ops.incident.times import moment_of

    return lambda one, now: moment_of(typed, ZoneInfo(one.zone), now)


def district(
    number: Number,
    slug: Annotated[str, typer.Argument(metavar="PORTAL", help="A portal of this folder. It may be stopped.")],
    words: Annotated[str, typer.Option(help="How you know.")] = "",
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Names one more affected district. It gets its own deadlines, in its time zone.

    Example: homeroom incident district 1 harbor
    """
    from homeroom.ops.incident import recording

    installation = Installation.at(folder)
    answer(installation, recording.name_district(installation, recording.Who.here(by), number, slug, words), as_json=as_json)


def note(number: Number, words: Words = "", by: By = "", folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Adds a note to the diary.

    Example: homeroom incident note 1 --words "The laptop was encrypted."
    """
    from homeroom.ops.incident import recording

    installation = Installation.at(folder)
    answer(installation, recording.note(installation.folder, recording.Who.here(by), number, text(words, "Note")), as_json=as_json)


def done(
    number: Number,
    clock: Annotated[str, typer.Argument(help="The clock, such as 'leads met'. `homeroom incident show --json` has all names.")],
    at: Annotated[str, typer.Option("--at", help="When it was done.")] = "now",
    one: OneDistrict = "",
    words: Words = "",
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Records that what a deadline asks for was done. The text says how.

    Example: homeroom incident done 1 "district notified" --district lincoln --words "By phone, to the superintendent."
    """
    from homeroom.ops.incident import recording

    installation, who = Installation.at(folder), recording.Who.here(by)
    words = text(words, "How it was done")
    answer(installation, recording.mark_done(installation.folder, who, number, clock, read_in(at), words, one), as_json=as_json)


def stage(
    number: Number,
    to: Annotated[str, typer.Argument(help="assess, contain, notify, resolve or review. For the end: `homeroom incident close`.")],
    words: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Goes on to a stage. A closed incident opens again.

    Example: homeroom incident stage 1 contain
    """
    from homeroom.ops.answers import NotDone
    from homeroom.ops.incident import recording

    if to == "closed":
        raise NotDone(f"Use `homeroom incident close {number}`, which looks at the open deadlines first.")
    installation = Installation.at(folder)
    answer(installation, recording.go_to(installation.folder, recording.Who.here(by), number, to, words), as_json=as_json)


def count(
    number: Number,
    one: Annotated[str, typer.Option("--district", help="The portal of the district.")],
    people: Annotated[int | None, typer.Argument(help="How many people are affected there.", min=0)] = None,
    read_from: Annotated[str, typer.Option("--from", help="Read the number from this incident of the portal, such as 2027-3.")] = "",
    words: Words = "",
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Records how many people are affected in a district. The text says how you know. With --from, the command reads one number that the
    district counted on its page Incidents, if the portal's database runs. Over 500 people in all districts together, more deadlines run.

    Example: homeroom incident count 1 620 --district lincoln --words "The superintendent called."
    """
    from homeroom.ops.answers import NotDone
    from homeroom.ops.incident import portal_counts, recording

    installation, who = Installation.at(folder), recording.Who.here(by)
    if (people is None) == (not read_from):
        raise NotDone("Type the number, or name the portal's incident with --from.")
    if people is None:
        people, words = portal_counts.counted_there(installation.portal(one), read_from), words or f"The district's own count, incident {read_from}."
    answer(installation, recording.count(installation.folder, who, number, one, people, text(words, "How you know")), as_json=as_json)


def earlier(number: Number, when: When, words: Words = "", by: By = "", folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Moves the discovery earlier, and every deadline with it. The text says why.

    Example: homeroom incident earlier 1 "2027-02-28 22:00" --words "The first email about it."
    """
    from homeroom.ops.incident import recording

    installation, who = Installation.at(folder), recording.Who.here(by)
    answer(installation, recording.start_earlier(installation.folder, who, number, read_in(when), text(words, "Why")), as_json=as_json)


def later(number: Number, when: When, lead: Lead, words: Words = "", by: By = "", folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Proposes that the discovery was later. Nothing changes until another lead confirms it with `homeroom incident confirm`.

    Example: homeroom incident later 1 "2027-03-01 09:00" --lead it --words "The first email was about something else."
    """
    from homeroom.ops.incident import recording

    installation, who = Installation.at(folder), recording.Who.here(by)
    answer(installation, recording.propose_later(installation, who, number, read_in(when), text(words, "Why"), lead), as_json=as_json)


def confirm(number: Number, lead: Lead, words: Words = "", by: By = "", folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Confirms the later discovery that another lead proposed. Each lead types this in a session of their own. The diary keeps both leads and
    both users of this computer, and says so if they are the same user.

    Example: homeroom incident confirm 1 --lead chief-executive --words "I read the email, and agree."
    """
    from homeroom.ops.incident import recording

    installation, who = Installation.at(folder), recording.Who.here(by)
    answer(installation, recording.confirm_later(installation, who, number, lead, text(words, "Why you agree")), as_json=as_json)


def hold(
    number: Number,
    agency: Annotated[str, typer.Option(help="The agency that asked you to wait.")],
    reference: Annotated[str, typer.Option(help="Its reference, such as a case number.")],
    until: Annotated[str, typer.Option(help="When it ends. Left out: no one knows yet.")] = "",
    one: OneDistrict = "",
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Records that law enforcement asked you to wait with notices to people and the public. Other deadlines run on. Notices are due 24 hours
    after the hold ends.

    Example: homeroom incident hold 1 --agency "County Sheriff" --reference "27-0412"
    """
    from homeroom.ops.incident import holding
    from homeroom.ops.incident.recording import Who

    installation = Installation.at(folder)
    ends = read_in(until) if until else None
    answer(installation, holding.hold(installation.folder, Who.here(by), number, agency, reference, ends, one), as_json=as_json)


def hold_ended(number: Number, words: Words = "", one: OneDistrict = "", by: By = "", folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Records that a hold ended. Notices are due 24 hours from now.

    Example: homeroom incident hold-ended 1 --words "By phone, from the sheriff."
    """
    from homeroom.ops.incident import holding
    from homeroom.ops.incident.recording import Who

    installation = Installation.at(folder)
    answer(installation, holding.end_hold(installation.folder, Who.here(by), number, text(words, "Who said so"), one), as_json=as_json)


def close(
    number: Number,
    words: Words = "",
    with_open_deadlines: Annotated[bool, typer.Option("--with-open-deadlines", help="Close it although deadlines still run.")] = False,
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Closes an incident after its review. The text says what you learned. The diary stays, and `homeroom incident stage` opens it again.

    Example: homeroom incident close 1 --words "Reviewed on March 9. All laptops are encrypted now."
    """
    from homeroom.ops.incident import holding
    from homeroom.ops.incident.recording import Who

    installation = Installation.at(folder)
    words = text(words, "Review")
    made = holding.close(installation.folder, Who.here(by), number, words, is_open_allowed=with_open_deadlines)
    answer(installation, made, as_json=as_json)
