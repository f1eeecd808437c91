"""`homeroom incident drill`: practices an incident."""

from pathlib import Path

from homeroom.ops.answers import err
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.incident.commands import By, incident


def add_to() -> None:
    incident.command()(drill)


def drill(by: By = "", folder: FolderOption = Path()) -> None:
    """Serves a made-up district in which a teacher's account was misused. People practice there: declare the incident, count who is affected, and
    release the letters. Nothing is sent to anyone, no other portal is touched, and everything is removed at the end. The folder's list of drills
    keeps when it was, who started it, and which steps people did.

    Example: homeroom incident drill --by "Ada Okafor"
    """
    from homeroom.ops.demo.drill import run_drill
    from homeroom.ops.incident.recording import Who

    is_recorded = (folder / "homeroom.toml").is_file()
    if not is_recorded:
        err.print(f"This drill isn't recorded, because {folder.resolve()} is no Homeroom folder. Name one with --folder.", markup=False)
    run_drill(Installation.at(folder).folder if is_recorded else None, Who.here(by))
