"""The journey from its first line to its last."""

from tests.journeys import file
from tests.journeys.pages import chromium
from tests.journeys.sign_in import (
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
from tests.journeys.sign_in.scene import SLUG, Scene
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    file.play(stage, tale, SLUG)
    with chromium() as browser:
        scene = Scene(stage, tale, browser)
        for part in (families, staff, office, tutor, support, recovery, sessions, attacks, spraying, traces):
            part.play(scene)
