"""Searches the logs for traces of the journey. Only the database may know who signed in with what."""

from tests.journeys.sign_in.scene import SLUG, Scene
from tests.journeys.stage import names_in

PASSKEYS = "SELECT string_agg(encode(credential_id, 'hex'), ' ') FROM passkey"


def play(scene: Scene) -> None:
    portal, everywhere = scene.stage.installation.portal(SLUG) / "log", scene.stage.installation.folder / "log"
    keys, mail = scene.owner(PASSKEYS).split(), "ana@mail.example"
    names = ["Nina", "Ruiz", "ana.ruiz", "bo.larsen", "carl.webb", mail, *keys]
    found = [*names_in(portal, names), *names_in(everywhere, names)]
    scene.line("every log is searched for names, sign-in names, the address and the passkeys", found or f"nothing of {len(names)}", bool(keys) and not found)
