"""A tutor: an adult with access to grades only, who needs a second factor although he signs in as parents do."""

from homeroom.ops.host.running import command
from tests.journeys.sign_in.office import JOAN, choose_password, enrol, letter, type_code
from tests.journeys.sign_in.scene import SLUG, Scene, is_in, said, sent

LUIS = "luis.ruiz"


def play(scene: Scene) -> None:
    ids, password = scene.stage.ids(SLUG), f"{scene.password('ana.ruiz')}-of-luis"
    tie = ("--adult", ids["Luis Ruiz"], "--student", ids["Max Moss"], "--kind", "tutor", "--relation", "tutor", "--view", "grades")
    made = command("tie", "create", SLUG, *tie, "--yes", folder=scene.stage.installation.folder)
    sheet = letter(scene, JOAN, "Luis Ruiz", "family", "wake")
    scene.stage.passwords[f"{SLUG} {LUIS}"] = password
    told = f"a tie that opens {', '.join(made['opens'])}; {sheet.told()}"
    scene.line("the operator makes Luis a tutor of Max, and Joan prints him a letter", told, made["opens"] == ["grades"] and sheet.is_tagged)
    with scene.computer() as page, scene.computer() as other:
        type_code(scene, page, sheet.code)
        choose_password(page, password, LUIS)
        scene.line("Luis types the code and chooses a name and a password", page.inner_text("h1"), page.url.endswith("/sign-in/enrol"))
        scene.by_password(other, LUIS)
        scene.line("before he has an app, somebody comes with his password alone", said(other), not is_in(other))
        enrol(scene, page, LUIS)
        sent(page, "main a.button-act")
        text = page.inner_text("main")
        holds = "Max" in text and "Algebra 1" in text and "Attendance" not in text
        scene.line("he adds an app, and reads Max's grades and no attendance", page.inner_text("h1"), holds)
