"""`homeroom ledger head|verify`: the access log's head, and whether its chain holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, err, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug

ledger = typer.Typer(no_args_is_help=True, help="A portal's access log: its head, and whether an entry was changed or removed.")
Known = Annotated[str | None, typer.Option(help="A head that you kept: number:hash, as `homeroom ledger head`, an email or a backup's manifest has it.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(ledger, name="ledger")


@contextmanager
def _reading(slug: str, folder: Path) -> Iterator[Any]:
    """Opens a connection as owner. Raises NotDone."""
    import psycopg

    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner

    installation = Installation.at(folder)
    portal = installation.portal(slug)
    open_way(installation.folder)
    try:
        with owner(portal) as connection:
            yield connection
    except psycopg.OperationalError as away:
        raise NotDone(f"The database of {slug} went away while the access log was read. Look after it, then run this again.") from away


@ledger.command("head")
def head(slug: Slug, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Prints number and hash of the newest link of the access log. Keep it on another computer, and compare with `homeroom ledger verify`.

    Example: homeroom ledger head lincoln
    """
    from homeroom.portal.audit.chain import last_link

    with _reading(slug, folder) as connection:
        newest = last_link(connection)
    say_json({"portal": slug, "head": str(newest), "number": newest.number, "hash": newest.hash.hex()}) if as_json else say(str(newest))


@ledger.command("verify")
def verify(slug: Slug, known: Known = None, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Checks the whole access log: whether its chain holds, and whether a head that you kept is still in it.

    Exit code 0: the chain holds. 1: it couldn't be checked, and one sentence says why. 3: broken. An entry was changed, removed or
    swapped. 4: cut off. The known head is not in the chain. 5: the portal was restored from a backup that is older than the
    known head. 6: entries that are more than a minute old have no link yet. 7: a statement of a family or a fact of an incident was changed, removed or put in.

    Example: homeroom ledger verify lincoln --known 2006:0f3a…
    """
    from homeroom.ops.portal.ledger_checking import EXIT, checked
    from homeroom.ops.step_bar import Steps
    from homeroom.portal.audit.chain import read_head

    wanted = None if known is None else read_head(known)
    with _reading(slug, folder) as connection, Steps("checking the access log") as tell:
        found = checked(connection, wanted, lambda done, links: tell("links", done, links))
    if as_json:
        say_json({"portal": slug, "known": known, **found.as_json()})
    elif EXIT[found.state]:
        err.print(found.told, markup=False)
    else:
        say(f"{found.told} Head: {found.verdict.head}")
    raise typer.Exit(code=EXIT[found.state])
