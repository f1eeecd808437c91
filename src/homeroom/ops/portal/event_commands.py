"""`homeroom events` and `homeroom portal events`: a portal's security events, where they go, and how long they are kept."""

import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json, show
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal
from homeroom.ops.portal.moving_commands import DryRun, next_step

if TYPE_CHECKING:
    from homeroom.ops.portal.events import Going
    from homeroom.portal.events.said import EventRow

MOST = 1000  # rows of a table that people read
COLUMNS = ("when", "kind", "result", "what", "account", "place", "device")


def add_to(app: typer.Typer) -> None:
    """Adds `homeroom events`, and `homeroom portal events`."""
    app.command()(events)
    portal.command("events")(where_they_go)


def events(
    slug: Slug,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="2026-12-01T08:30, in UTC.")],
    kind: Annotated[str | None, typer.Option(help='Only one kind, such as "sign in".')] = None,
    account: Annotated[int | None, typer.Option(help="Only one account, by its number in an event.")] = None,
    address: Annotated[str | None, typer.Option(help="Only one internet address, such as 203.0.113.5. Events have only a keyed hash of it.")] = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Prints a portal's security events since a time: sign-ins, failed tries, and changes that matter for security. With --json, each
    line is one event in JSON.

    Example: homeroom events lincoln --since 2026-12-01 --json
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner
    from homeroom.ops.portal.events import EventFilter, read
    from homeroom.portal.events.said import KINDS, line_of

    if kind is not None and kind not in KINDS:
        raise NotDone(f"No event has the kind {kind!r}. The kinds are: {', '.join(KINDS)}.")
    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(place := installation.portal(slug)) as connection:
        found = read(connection, place, EventFilter(since.replace(tzinfo=UTC), kind, account, address))
        if as_json:
            for event in found:
                sys.stdout.buffer.write(line_of(event, slug))
        else:
            show(f"Security events of {slug} (UTC)", COLUMNS, table_of(found))


def table_of(found: Iterable["EventRow"]) -> list[tuple[object, ...]]:
    """Returns rows of a table for people, with a last one that says so if there are more."""
    rows: list[tuple[object, ...]] = []
    for event in found:
        if len(rows) == MOST:
            return [*rows, ("…", "more: use --json, or a later --since", *[""] * 5)]
        who, where = event.account_id or "", event.address.hex()[:8] if event.address else ""
        rows.append((f"{event.at:%Y-%m-%d %H:%M:%S}", event.kind, event.result, event.what, who, where, event.device))
    return rows


def where_they_go(
    slug: Slug,
    syslog: Annotated[str | None, typer.Option(help="The district's syslog server with TLS, as host or host:port. Port 6514 if you name none.")] = None,
    ca: Annotated[Path | None, typer.Option(help="The certificates that the server's own must lead to, in PEM. Otherwise this computer's count.")] = None,
    file: Annotated[bool | None, typer.Option("--file/--no-file", help="Also write events/events.jsonl in the portal's folder, a line of JSON each.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Send events nowhere. They stay in the database.")] = False,
    days: Annotated[int | None, typer.Option(help="Keep events for this many days: 90 to 3660. As delivered, 396 (13 months).")] = None,
    dry_run: DryRun = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Says where a portal's security events go, and how long it keeps them. A server that is away delays events, and loses none. It may
    get one twice, with the same number. Without options the command says what is set. A running portal needs a restart.

    Example: homeroom portal events lincoln --syslog siem.example.org --ca siem-ca.pem
    """
    from homeroom.ops.host.served import of_portal

    if off and (syslog or file or ca):
        raise NotDone("Choose --off, or say where events go, not both.")
    installation = Installation.at(folder)
    wish: dict[str, Any] = {"syslog": "" if off else syslog, "ca": ca, "file": False if off else file, "days": days}
    is_any = any(value is not None for value in wish.values())
    now = _set(installation, slug, wish, is_done=is_any and not dry_run)
    needs_restart = is_any and not dry_run and bool(of_portal(installation, slug).all)
    if as_json:
        say_json({"portal": slug, **asdict(now), "is_done": is_any and not dry_run, "needs_restart": needs_restart})
        return
    say(f"{now.told(slug)} {next_step(dry_run=dry_run, restart=needs_restart)}" if is_any else now.told(slug))


def _set(installation: Installation, slug: str, wish: dict[str, Any], *, is_done: bool) -> "Going":
    """Checks the wish, carries it out if `is_done`, and returns what is set now."""
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner
    from homeroom.ops.portal import events as settings
    from homeroom.portal.processes.owners import give

    open_way(installation.folder)
    settings.check(wish["syslog"], wish["ca"], wish["days"])
    with owner(place := installation.portal(slug)) as connection:
        if is_done:
            settings.change(connection, place, **wish)
            give(place)
        return settings.going(connection, place)
