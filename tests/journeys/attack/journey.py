"""The journey from its first line to its last. Each line says what was done, what was seen, and who was notified."""

from homeroom.ops.host.running import command
from tests.journeys import file
from tests.journeys.attack import flooded, sprayed, stolen, stolen_office
from tests.journeys.pages import chromium
from tests.journeys.sign_in.scene import SLUG, Scene
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

IT = "it@lincoln.example"
PROVEN = """INSERT INTO mail_address (account_id, address, proven_at) SELECT id, sign_in_name || '@lincoln.example', now() FROM account
    WHERE sign_in_name IN ('carl.webb', 'joan.abbott', 'bo.larsen', 'ana.ruiz')"""


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    file.play(stage, tale, SLUG)
    command("portal", "nightly", SLUG, "--mail", IT, folder=stage.installation.folder)
    with chromium() as browser:
        scene = Scene(stage, tale, browser)
        scene.owner(PROVEN)
        for part in (stolen, stolen_office, sprayed, flooded):
            part.play(scene)
