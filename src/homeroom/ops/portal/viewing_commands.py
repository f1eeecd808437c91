"""`homeroom portal viewing`: how many people staff may view before Homeroom asks who they are, and whether it also signs them out."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal
from homeroom.ops.portal.moving_commands import DryRun

if TYPE_CHECKING:
    from psycopg import Connection

STAFF = ("teacher", "administrator")  # the other roles are duties
DUTY = "duty: "  # before a duty's name, in a view's capacity
LEAST, MOST = 20, 5000
READ = "SELECT caps, cap_ends_session FROM district"
WRITE = """UPDATE district SET caps = CASE WHEN %(people)s::integer IS NULL THEN caps - %(role)s::text
    ELSE caps || jsonb_build_object(%(role)s::text, %(people)s::integer) END WHERE %(role)s::text IS NOT NULL"""
END = "UPDATE district SET cap_ends_session = %s"
TOLD = "SELECT ledger_setting('viewing limits', jsonb_build_object('was', %s::jsonb, 'now', %s::jsonb)::text, NULL, 'operator')"


@dataclass(frozen=True, slots=True)
class Chosen:
    people: dict[str, int]  # by role, in a day
    signs_out: bool

    def told(self, slug: str) -> str:
        own = ", ".join(f"{role}: {people}" for role, people in sorted(self.people.items()))
        least = f"In {slug}, staff may view at least 200 people in a day{f' ({own})' if own else ''}."
        return f"{least} At the limit Homeroom {'signs the person out' if self.signs_out else 'asks the person to confirm who they are'}."


def add_to() -> None:
    """Adds the command to `homeroom portal`."""
    portal.command()(viewing)


def viewing(
    slug: Slug,
    least: Annotated[list[str] | None, typer.Option(help="administrator=400. The role and 20 to 5000 people, or administrator= for the usual 200.")] = None,
    sign_out: Annotated[bool | None, typer.Option("--sign-out/--no-sign-out", help="Also end the session that reaches its limit.")] = None,
    dry_run: DryRun = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets how many people staff of a role may view in a day in any case, and what happens at the limit. A person's own limit is higher if
    their usual day or their classes need more. The roles are teacher, administrator, and each duty, such as counselor. Without options the
    command says what is set.

    Example: homeroom portal viewing lincoln --least administrator=400 --sign-out
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner

    wishes = [_wish(each) for each in least or []]
    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        now = _set(connection, wishes, sign_out)
        if dry_run:
            connection.rollback()
    is_done = bool(wishes or sign_out is not None) and not dry_run
    if as_json:
        say_json({"portal": slug, **asdict(now), "is_done": is_done})
    else:
        say(now.told(slug) + (" Nothing was changed." if dry_run else ""))


def _wish(text: str) -> tuple[str, int | None]:
    """Returns the capacity and the number. Raises NotDone."""
    from homeroom.portal.access.policy import duties

    role, is_, number = text.partition("=")
    if not is_ or role not in (*STAFF, *duties()):
        raise NotDone(f"Write a role, = and a number, such as administrator=400. The roles: {', '.join([*STAFF, *sorted(duties())])}. Nothing was changed.")
    if number and not (number.isascii() and number.isdigit() and LEAST <= int(number) <= MOST):
        raise NotDone(f"A limit is a number from {LEAST} to {MOST}. Nothing was changed.")
    return role if role in STAFF else DUTY + role, int(number) if number else None


def _set(connection: "Connection[Any]", wishes: list[tuple[str, int | None]], sign_out: bool | None) -> Chosen:
    """Returns what is set afterward. Runs in the caller's transaction."""
    from psycopg.types.json import Jsonb

    was = _chosen(connection)
    for role, people in wishes:
        connection.execute(WRITE, {"role": role, "people": people})
    if sign_out is not None:
        connection.execute(END, [sign_out])
    now = _chosen(connection)
    if now != was:
        connection.execute(TOLD, [Jsonb(asdict(was)), Jsonb(asdict(now))])
    return now


def _chosen(connection: "Connection[Any]") -> Chosen:
    (caps, signs_out) = connection.execute(READ).fetchone() or ({}, False)
    return Chosen({role.removeprefix(DUTY): people for role, people in caps.items() if role in STAFF or role.startswith(DUTY)}, signs_out)
