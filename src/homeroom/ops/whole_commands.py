"""`homeroom new|up|doctor|demo|rehearse`: the installation as a whole."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, err, say, say_json, serves
from homeroom.ops.host.installation import FolderOption, Installation


def add_to(app: typer.Typer) -> None:
    for command in (new, up, doctor, demo, rehearse):
        app.command()(command)


def new(
    folder: Annotated[Path, typer.Argument(help="A new folder, somewhere everybody may enter, such as /srv/homeroom.")],
    sftp_host: Annotated[str, typer.Option(help="The name or address that districts send to.")] = "127.0.0.1",
    sftp_port: Annotated[int, typer.Option(help="Its port.", min=1, max=65535)] = 2222,
    listen: Annotated[str, typer.Option(help="The address that the gateway binds; 0.0.0.0 for all.")] = "127.0.0.1",
    as_json: AsJson = False,
) -> None:
    """Makes the folder of an installation, with a gateway's keys in it.

    Example: homeroom new /srv/homeroom --sftp-host import.example.org --listen 0.0.0.0
    """
    from homeroom.gateway.settings import NOBODY_OUTSIDE, read_settings
    from homeroom.ops.host.new import make_installation

    made = make_installation(folder, sftp_host, sftp_port, listen)
    settings = read_settings(made.folder)
    if settings.is_closed:
        err.print(NOBODY_OUTSIDE.format(bound=settings.bound), markup=False)
    if as_json:
        say_json({"folder": str(made.folder)})
        return
    say(f"{made.folder} is made. Add a portal with `homeroom portal create`.")


@serves
def up(folder: FolderOption = Path()) -> None:
    """Runs the gateway and every portal of the folder until Ctrl-C or SIGTERM.

    Example: homeroom up --folder /srv/homeroom
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.up import up as run_all

    installation = Installation.at(folder)
    open_way(installation.folder)
    run_all(installation, tell=lambda line: err.print(line, markup=False))


def doctor(
    from_outside: Annotated[str, typer.Option(help="Try the ports of this host from here, and examine nothing else.", metavar="HOST")] = "",
    open_ports: Annotated[list[int] | None, typer.Option("--open", help="A port that must be open. Repeat it. Left out: 443.", min=1, max=65535)] = None,
    every_port: Annotated[bool, typer.Option("--every-port", help="Try all 65,535 ports. This can take nine minutes.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Examines the installation and says for each thing whether it is well and, if not, what to do. With --from-outside it tries
    the ports of a portal's host from another computer, such as the vault's, and needs no installation there.

    Exit code 0: all is well or only needs care soon; 1: something is wrong.

    Example: homeroom doctor --folder /srv/homeroom
    """
    from homeroom.ops.doctor.examination import examine, shown
    from homeroom.ops.doctor.outside import from_outside as tried_from_here
    from homeroom.ops.step_bar import Steps

    if from_outside:
        with Steps("Trying ports") as steps:
            findings = list(tried_from_here(from_outside, open_ports or [443], steps, is_every_port=every_port))
    else:
        findings = examine(Installation.at(folder))
    if as_json:
        say_json([finding._asdict() for finding in findings])
    else:
        shown(findings)
    raise typer.Exit(code=1 if any(finding.state == "bad" for finding in findings) else 0)


def demo(
    check: Annotated[bool, typer.Option("--check", help="Moved: run `make demo-check` in a source checkout.")] = False,
    journeys: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,  # noqa: ARG001  --check took names
    code: Annotated[str, typer.Option(help="Print the six digits of this username's authenticator, and nothing else.")] = "",
    folder: Annotated[Path, typer.Option(help="Where the demonstration lives.")] = Path("demo"),
) -> None:
    """Serves two made-up districts, as production runs them, and prints addresses and sign-ins.

    Example: homeroom demo
    """
    if check:
        err.print("The check is `make demo-check` of a source checkout now.", markup=False)
        raise typer.Exit(code=2)
    from homeroom.ops.demo.districts import SIGN_INS, run_demo

    if code:
        from homeroom.ops.demo.digits import digits_of

        say(digits_of(folder / SIGN_INS, code))
        return
    run_demo(folder)


def rehearse(
    file: Annotated[Path, typer.Option(help="Your OneRoster export, a ZIP.")],
    attendance: Annotated[Path | None, typer.Option(help="Your attendance.csv, if it is not in the ZIP.")] = None,
    contacts: Annotated[Path | None, typer.Option(help="Your contacts.csv, if it is not in the ZIP.")] = None,
) -> None:
    """Imports your own export into a portal that lives on this computer until Ctrl-C; then everything is removed.

    Example: homeroom rehearse --file export.zip --attendance attendance.csv
    """
    from homeroom.ops.demo.own_export import run_rehearsal

    run_rehearsal(file, attendance, contacts)
