"""An installation of two districts whose portals don't run, and whose databases don't exist."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from homeroom.ops.__main__ import app
from homeroom.ops.host.installation import toml

PORTAL = {"phone": "(555) 010-0130", "host": "portal.example", "port": 8000, "inbox_port": 8400, "database": "postgresql://nowhere.invalid/none"}
ZONES = {"lincoln": "America/Los_Angeles", "harbor": "America/New_York"}


def hosted(folder: Path) -> Path:
    """Writes only what an operator still has on a bad day: two kinds of small files."""
    (folder / "homeroom.toml").write_text(f"# Ours.\n{toml({'demo': False})}\n[gateway]\n{toml({'sftp_host': 'x', 'sftp_port': 2222, 'listen': '127.0.0.1'})}")
    for slug, zone in ZONES.items():
        (folder / "portals" / slug).mkdir(parents=True)
        (folder / "portals" / slug / "portal.toml").write_text(toml({"slug": slug, "name": f"{slug.title()} Unified", "time_zone": zone, **PORTAL}))
    return folder


class Host:
    """Types commands. `said` is what the last one printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""

    def run(self, *words: str, entered: str = "", noun: str = "incident", code: int = 0) -> str:
        ended = CliRunner().invoke(app, [noun, *words, "--folder", str(self.folder)], input=entered)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        assert ended.exit_code == code, ended.output
        self.said = ended.stdout
        return self.said

    def told(self, *words: str, **more: Any) -> Any:
        return json.loads(self.run(*words, "--json", **more))

    def clocks(self, number: int = 1) -> dict[tuple[str, str], Any]:
        return {(each["portal"], each["clock"]): each for each in self.told("show", str(number))["clocks"]}
