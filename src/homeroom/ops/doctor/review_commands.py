"""`homeroom portal review`: records the yearly review, with its date and its signer."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal

DAY = ["%Y-%m-%d"]


def add_to() -> None:
    """Adds `review` to `homeroom portal`."""
    portal.command()(review)


def review(
    slug: Slug,
    role: Annotated[str, typer.Option(help="The signer's role: chief-executive, cto, it or support. Without it, the command shows the last review.")] = "",
    name: Annotated[str, typer.Option(help="The signer's first and family name. No page shows it.")] = "",
    factors: Annotated[datetime | None, typer.Option(formats=DAY, help="The day on which you checked that staff have second factors.")] = None,
    updates: Annotated[datetime | None, typer.Option(formats=DAY, help="The day on which you checked updates.")] = None,
    restore: Annotated[datetime | None, typer.Option(formats=DAY, help="The day of a tested restore. Left out: the last one on this computer.")] = None,
    drill: Annotated[datetime | None, typer.Option(formats=DAY, help="The day of a drill. Left out: the last complete one on this computer.")] = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Records the yearly review of second factors, updates, a tested restore and a drill, signed today by one of your four leads. The
    portal's public page shows its date and the signer's role. The next one is due a year later. The doctor says when it is overdue.

    Example: homeroom portal review lincoln --role it --name "Ada Okafor" --factors 2026-12-01 --updates 2026-12-01
    """
    from homeroom.ops.doctor import yearly
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.incident.people import role_named

    installation = Installation.at(folder)
    if role:
        open_way(installation.folder)
        days = {"factors": factors, "updates": updates, "restore": restore, "drill": drill}
        yearly.sign(installation, slug, role_named(role), name, {item: day.date() for item, day in days.items() if day})
    found = yearly.reviewed(installation.portal(slug))
    if as_json:
        say_json({"portal": slug, "review": found and {**asdict(found), "due": found.due}})
        return
    say(f"{slug}: signed on {found.signed_on} by {found.name}. The next review is due by {found.due}." if found else f"{slug} has no yearly review yet.")
