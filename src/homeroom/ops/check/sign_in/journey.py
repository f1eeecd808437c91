"""The journey from its first line to its last."""

from homeroom.ops.check import file
from homeroom.ops.check.pages import chromium
from homeroom.ops.check.sign_in import (
    attacks,
    families,
    office,
    recovery,
    sessions,
    spraying,
    staff,
    support,
    traces,
    tutor,
)
from homeroom.ops.check.sign_in.scene import SLUG, Scene
from homeroom.ops.check.stage import Stage
from homeroom.ops.check.tale import Tale


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    file.play(stage, tale, SLUG)
    with chromium() as browser:
        scene = Scene(stage, tale, browser)
        for part in (families, staff, office, tutor, support, recovery, sessions, attacks, spraying, traces):
            part.play(scene)
