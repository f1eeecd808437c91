"""What an attack left behind, as psql, the operator's command and the relay show it."""

import json
import subprocess
import sys
import time
from typing import Any

from homeroom.ops.answers import NotDone
from tests.journeys.sign_in.scene import SLUG, Scene

PATIENCE = 90.0  # seconds. The jobs process sends emails three times a minute
NOTICES = """SELECT coalesce(string_agg(DISTINCT n.what, ', '), '') FROM account_notice n JOIN account a ON a.id = n.account_id
    WHERE a.sign_in_name = '{name}' AND n.id > {after}"""
VIEWED = "SELECT count(*) FROM look_student l JOIN account a ON a.person_id = l.person_id WHERE a.sign_in_name = '{name}'"


def viewed(scene: Scene, name: str) -> int:
    """Returns how many different people this account has viewed in a day."""
    return int(scene.owner(VIEWED.format(name=name)))


def newest_notice(scene: Scene) -> int:
    return int(scene.owner("SELECT coalesce(max(id), 0) FROM account_notice"))


def notices(scene: Scene, name: str, after: int = 0) -> str:
    """Returns the kinds of notices that this account got after that number."""
    return scene.owner(NOTICES.format(name=name, after=after))


def events(scene: Scene, *words: str) -> list[dict[str, Any]]:
    """Returns what `homeroom events --json` prints. Raises NotDone."""
    line = [sys.executable, "-m", "homeroom.ops", "events", SLUG, "--since", "2026-01-01", *words, "--json", "--folder", str(scene.stage.installation.folder)]
    ended = subprocess.run(line, capture_output=True, text=True)
    if ended.returncode:
        raise NotDone(ended.stderr.strip())
    return [json.loads(each) for each in ended.stdout.splitlines()]


def mail_about(scene: Scene, to: str, words: str) -> tuple[str, float]:
    """Waits for an email whose subject has these words. Returns the subject and the seconds until it came. Raises NotDone."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        for mail in list(scene.stage.post.mails):
            if mail["To"] == to and words in mail["Subject"]:
                return str(mail["Subject"]), time.monotonic() - began
        time.sleep(0.1)
    raise NotDone(f"No email about {words!r} came to {to} within {PATIENCE:.0f} s.")


def log_lines(scene: Scene, *processes: str) -> int:
    folder = scene.stage.installation.portal(SLUG) / "log"
    return sum((folder / f"{name}.log").read_bytes().count(b"\n") for name in processes)
