"""`homeroom student erase|admit|hold|release`: destroys a student's record at the district's direction, and sets legal holds that prevent it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json, show, type_again
from homeroom.ops.host.installation import FolderOption, Installation

if TYPE_CHECKING:
    from homeroom.ops.people.erasing import Erased

Slug = Annotated[str, typer.Argument(help="The portal's short name, such as lincoln.")]
student = typer.Typer(no_args_is_help=True, help="A student's whole record: erase it at the district's direction, or place a legal hold.")
SourcedId = Annotated[str, typer.Argument(help="The student's sourcedId in the district's file.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(student, name="student")


@student.command("erase")
def erase(
    slug: Slug,
    sourced_id: SourcedId,
    directive: Annotated[str, typer.Option(help="Where the district keeps its written direction. Write no names.")],
    enrolled: Annotated[bool, typer.Option("--enrolled", help="The district still sends this student, and wants the record erased all the same.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask to type the sourcedId again.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Destroys everything this portal keeps about a student. Nothing brings it back: not the next file, and not a restored backup.

    It refuses while a request to inspect the record is open, and while the record has a legal hold. Imports that ran before can't
    be undone afterward. Sealed files from the district are kept for 14 more days, and backups for as long as their tier keeps
    them. A restore erases the student again before anyone signs in.

    Example: homeroom student erase lincoln s-77 --directive "superintendent's letter of Nov 20, 2026" --dry-run
    """
    from homeroom.portal.intake.inbox.expired import KEPT

    portal = Installation.at(folder).portal(slug)
    done = _erased(portal, sourced_id, directive, is_enrolled_said=enrolled, is_meant=False)
    if not dry_run:
        if not yes:
            type_again(sourced_id, f"{done.total:,} rows of {len(done.rows)} tables go, and nothing brings them back. --dry-run shows which.")
        done = _erased(portal, sourced_id, directive, is_enrolled_said=enrolled, is_meant=True)
    if as_json:
        say_json({"student": sourced_id, "dry_run": dry_run, "rows": done.rows, "sealed_files_kept_days": KEPT.days})
    else:
        _tell(done, KEPT.days, dry_run=dry_run)


def _erased(portal: Path, sourced_id: str, directive: str, *, is_enrolled_said: bool, is_meant: bool) -> "Erased":
    """Erases the record. Without `is_meant`, counts and rolls back, so that no one waits for the operator's answer. Raises NotDone."""
    from homeroom.ops.host.owner import owner
    from homeroom.ops.people import erasing

    with owner(portal) as connection:
        done = erasing.erase(connection, sourced_id, directive, is_enrolled_said=is_enrolled_said)
        if not is_meant:
            connection.rollback()
    return done


def _tell(done: "Erased", days: int, *, dry_run: bool) -> None:
    show("Rows that would go" if dry_run else "Rows that went", ["Table", "Rows"], done.rows.items())
    gone = f"{done.total:,} rows are gone. Files that the district sent go within {days} days, backups as their tiers let them go."
    say("Nothing was changed." if dry_run else gone)


@student.command("admit")
def admit(slug: Slug, sourced_id: SourcedId, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Lets an erased student's rows in again, with the next whole file: for a student who came back. What was erased stays gone.

    Example: homeroom student admit lincoln s-77
    """
    from homeroom.ops.host.owner import owner
    from homeroom.ops.people import erasing

    with owner(Installation.at(folder).portal(slug)) as connection:
        erasing.admit(connection, sourced_id)
    say_json({"student": sourced_id, "is_admitted": True}) if as_json else say("The next whole file brings what it has of this student.")


@student.command("hold")
def hold(
    slug: Slug,
    sourced_id: SourcedId,
    paper: Annotated[str, typer.Option(help="Where the order lies. The paper itself is never kept here. Write no names.")],
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Keeps a student's record from being erased, for a court or the district's counsel. It doesn't change anyone's access.

    Example: homeroom student hold lincoln s-77 --paper "counsel, file 12"
    """
    from homeroom.ops.host.owner import owner
    from homeroom.ops.people import erasing

    with owner(Installation.at(folder).portal(slug)) as connection:
        erasing.hold(connection, sourced_id, paper)
    say_json({"student": sourced_id, "is_on_hold": True}) if as_json else say("The record has a legal hold. No one can erase it until the hold ends.")


@student.command("release")
def release(slug: Slug, sourced_id: SourcedId, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Ends every hold on a student's record.

    Example: homeroom student release lincoln s-77
    """
    from homeroom.ops.host.owner import owner
    from homeroom.ops.people import erasing

    with owner(Installation.at(folder).portal(slug)) as connection:
        ended = erasing.release(connection, sourced_id)
    say_json({"student": sourced_id, "is_on_hold": False, "ended": ended}) if as_json else say("The record is on hold no more.")
