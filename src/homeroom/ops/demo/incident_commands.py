"""`homeroom incident …`: what the operator does about incidents."""

import typer

incident = typer.Typer(help="Incidents: practice one.", no_args_is_help=True, rich_markup_mode="markdown")


def add_to(app: typer.Typer) -> None:
    app.add_typer(incident, name="incident")


@incident.callback()
def group() -> None:
    """Incidents: practice one."""


@incident.command()
def drill() -> None:
    """Serves a made-up district in which a teacher's account was misused. People practice there: declare the incident, count who is affected, and
    release the letters. Nothing is sent to anyone, no other portal is touched, and everything is removed at the end.

    Example: homeroom incident drill
    """
    from homeroom.ops.demo.drill import run_drill

    run_drill()
