"""The journey `main`: file, receipt, pages as each person, a stranger's child that no one sees, refusals, access log."""

from tests.journeys import database, file, pages, refusals
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    for slug in ("lincoln", "harbor"):
        file.play(stage, tale, slug)
    pages.play(stage, tale)
    database.play(stage, tale)
    refusals.play(stage, tale)
    database.play_end(stage, tale)
