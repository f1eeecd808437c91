"""`homeroom incident …`: declares an incident, lists and shows incidents, and verifies the diary. It needs no portal and no database."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from homeroom.ops.answers import AsJson, NotDone, err, say, say_json, show
from homeroom.ops.host.installation import FolderOption, Installation

if TYPE_CHECKING:
    from homeroom.ops.incident.chain import Chain
    from homeroom.ops.incident.recording import Recorded

ABOUT = "Incidents: keep the diary and the deadlines on this computer, even if every portal is stopped; and practice one."
incident = typer.Typer(help=ABOUT, no_args_is_help=True, rich_markup_mode="markdown")

Number = Annotated[int, typer.Argument(help="The incident's number, from `homeroom incident list`.", min=1)]
Words = Annotated[str, typer.Option(help="The text. Left out, or -: read it from standard input. Name no family, student or staff member.")]
By = Annotated[str, typer.Option(help="Your name, if several people share this user.")]
OneDistrict = Annotated[str, typer.Option("--district", help="The portal of the district. Left out: all of them.")]
Known = Annotated[str, typer.Option(help="A head that you kept, such as the one of a report.")]

EXIT = {"whole": 0, "broken": 3, "cut": 4, "torn": 5, "headless": 6}


def add_to(app: typer.Typer) -> None:
    from homeroom.ops.incident import people_commands, recording_commands, telling_commands

    for command in (declare, list_, show_, verify):
        incident.command(command.__name__.strip("_"))(command)
    for module in (recording_commands, people_commands, telling_commands):
        module.add_to()
    app.add_typer(incident, name="incident")


@incident.callback()
def group() -> None:
    """Incidents: keep the diary and the deadlines on this computer, even if every portal is stopped; and practice one."""


def declare(
    title: Annotated[str, typer.Option(help="A few words. Left out: the first line of standard input.")] = "",
    discovered: Annotated[str, typer.Option(help="When someone first noticed it, such as '2027-03-01 08:15' or now. Deadlines count from here.")] = "now",
    time_zone: Annotated[str, typer.Option(help="The time zone of the times that you type. Left out: the first district's, or this computer's.")] = "",
    district: Annotated[list[str] | None, typer.Option(help="An affected portal of this folder. Repeat it for more.")] = None,
    words: Words = "",
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Declares an incident, and starts its deadlines. They count from the discovery, which may be earlier. The text says what was noticed.
    Nothing that you record can be changed later. Don't write names of people from a portal.

    Example: homeroom incident declare --title "Stolen laptop" --discovered "2027-03-01 08:15" --district lincoln
    """
    from homeroom.ops.incident import recording
    from homeroom.ops.incident.times import host_zone, moment_of, zone_named
    from homeroom.portal.place import Place

    installation, who = Installation.at(folder), recording.Who.here(by)
    places = [Place.read(installation.portal(slug)) for slug in district or []]
    zone = zone_named(time_zone or (places[0].time_zone if places else host_zone()))
    title = title or asked("Title")
    moment = moment_of(discovered, zone, datetime.now(UTC))
    made = recording.declare(installation.folder, who, title, text(words, "What was noticed"), moment, zone.key)
    for place in places:
        recording.name_district(installation, who, made.number, place.slug)
    answer(installation, made, as_json=as_json)


def list_(folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Lists the incidents that were declared here, with the next deadline of each.

    Example: homeroom incident list
    """
    from homeroom.ops.incident.due import due_of, next_due
    from homeroom.ops.incident.facts import incidents_in
    from homeroom.ops.incident.times import left, shown

    now, chain = datetime.now(UTC), chain_of(Installation.at(folder))
    rows = []
    for one in incidents_in(chain.lines).values():
        due = next_due(due_of(one, now))
        rows.append((one, due, f"{shown(due.clock.due, due.zone)} ({left(due.clock.due, now)})" if due and due.clock.due else ""))
    if as_json:
        listed = [
            {"incident": one.number, "title": one.title, "stage": one.stage, "start": one.start, "people": one.people(),
             "districts": [each.portal for each in one.districts()], "next": due and {"clock": due.clock.rule.name, "portal": due.portal, "due": due.clock.due}}
            for one, due, _ in rows
        ]  # fmt: skip
        say_json({"incidents": listed, "head": str(chain.head)})
        return
    table = [(one.number, one.title, one.stage, shown(one.start, ZoneInfo(one.zone)), next_) for one, _, next_ in rows]
    show("Incidents", ("number", "title", "stage", "discovered", "next deadline"), table)


def show_(number: Number, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Shows an incident: its deadlines, whom to call for each, and the diary. It reads files of this folder only.

    Example: homeroom incident show 1
    """
    from homeroom.ops.incident import recording, showing

    installation, now = Installation.at(folder), datetime.now(UTC)
    chain = chain_of(installation)
    one = recording.found(chain, number)
    if as_json:
        say_json({**showing.as_json(one, installation, now), "head": str(chain.head)})
        return
    say("\n".join(showing.summary(one, now)))
    show("Deadlines", ("district", "clock", "state", "due", "call"), showing.clock_rows(one, installation, now))
    show("Diary", ("line", "recorded", "by", "what"), showing.diary_rows(one.facts, ZoneInfo(one.zone)))
    say(f"Head: {chain.head}. Keep it elsewhere, and compare it later with `homeroom incident verify --known`.")


def verify(known: Known = "", folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Checks that no line of the diary or of the list of drills was changed or removed.

    Exit code 0: intact; 3: a line was changed, removed or swapped; 4: lines at the end are gone; 5: the last line is not complete;
    6: the file with the head is gone.

    Example: homeroom incident verify --known 7:0f3a…
    """
    from homeroom.ops.incident.journal import DIARY, DRILLS, Journal, compared, head_of, judged

    installation, worst, told = Installation.at(folder), 0, {}
    for name in (DIARY, DRILLS):
        journal = Journal(installation.folder, name)
        chain = journal.read()
        found = judged(chain, journal.known_head())
        if known and name == DIARY and found.state != "broken":
            found = compared(chain, head_of(known)) or found
        told[name] = found
        worst = worst or EXIT[found.state]
    if as_json:
        say_json({name: {"state": found.state, "told": found.told, "head": str(found.head)} for name, found in told.items()})
    else:
        for name, found in told.items():
            say(f"{name}: {found.told} Head: {found.head}.")
    raise typer.Exit(code=worst)


def chain_of(installation: Installation) -> "Chain":
    """Reads the diary. If something is wrong with it, says so on standard error, and shows what can be read."""
    from homeroom.ops.incident.journal import DIARY, Journal, judged

    journal = Journal(installation.folder, DIARY)
    chain = journal.read()
    if (found := judged(chain, journal.known_head())).state != "whole":
        err.print(f"Take care: {found.told}", markup=False)
    return chain


def answer(installation: Installation, made: "Recorded", *, as_json: bool) -> None:
    """Says what was recorded, and the next deadline."""
    from homeroom.ops.incident import recording, showing

    if as_json:
        say_json({"incident": made.number, "line": made.head.number, "head": str(made.head), "at": made.at})
        return
    say(f"Recorded as line {made.head.number}. Any later change to it shows.")
    say("\n".join(showing.summary(recording.found(chain_of(installation), made.number), datetime.now(UTC))))


def text(given: str, question: str) -> str:
    """Returns what an option says, or asks for it. Without a terminal, reads standard input."""
    if given and given != "-":
        return given
    if sys.stdin.isatty() and given != "-":
        return str(typer.prompt(question, err=True))
    return sys.stdin.read()


def asked(question: str) -> str:
    """Returns one line, from a person or from a script. Raises NotDone."""
    typed = str(typer.prompt(question, err=True)) if sys.stdin.isatty() else sys.stdin.readline()
    if not typed.strip():
        raise NotDone(f"{question} is missing.")
    return typed
