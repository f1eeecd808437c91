"""`homeroom host units`: the systemd units that the host starts at boot."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation

host = typer.Typer(no_args_is_help=True, help="What this computer starts by itself.")


@host.callback()
def group() -> None:
    """Commands for what this computer starts by itself."""


def add_to(app: typer.Typer) -> None:
    app.add_typer(host, name="host")


@host.command()
def units(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the units; write nothing.")] = False,
    into: Annotated[Path | None, typer.Option(help="The folder of units. Left out: /etc/systemd/system.", file_okay=False)] = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Writes systemd's units: a target for each portal with one service for each of its processes, and services for the gateway and the clock
    of backups. They start at boot. Run it again after a portal was made or removed or got other ports, and after backups were set up.

    Example: homeroom host units --dry-run
    """
    from homeroom.ops.host.units import change, heads, is_live

    done = change(Installation.at(folder), into, dry_run=dry_run)
    if as_json:
        names = {"written": done.written, "unchanged": done.unchanged, "gone": done.gone}
        say_json({"into": str(done.into), "is_done": not dry_run, **names, "units": done.texts})
        return
    if dry_run:
        for name, text in done.texts.items():
            say(f"{done.into / name}\n\n{text}")
    would = "Would write" if dry_run else "Wrote"
    say(f"{would}: {', '.join(done.written) or 'nothing'}. Unchanged: {', '.join(done.unchanged) or 'none'}. Taken away: {', '.join(done.gone) or 'none'}.")
    if done.written and not dry_run:
        start = f"systemctl restart {' '.join(heads(done.texts, done.written))}"
        say(f"They start at boot. Stop `homeroom up` if it runs; to start them now: {start}" if is_live(done.into) else "systemd does not read them here.")
