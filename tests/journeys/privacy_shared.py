"""The district adopts a category of directory information with a second approval. A mother opts out, and school news that names her daughter disappears for
other families. She signs a consent and ends it. The access log has both, and the chain's check finds a consent that the owner of the database changed."""

from datetime import datetime, timedelta

from playwright.sync_api import Page

from homeroom.ops.portal.ledger_checking import CHANGED_CONSENTS
from tests.journeys.pages import follow
from tests.journeys.privacy_asked import ANA, words_of
from tests.journeys.sign_in.office import CARL
from tests.journeys.sign_in.scene import SLUG, Scene, goes, sent
from tests.journeys.ties_tutor import nina

OTHER, NEWS, CLINIC, WHY = "dee.moss", "Chess winner", "Lee Clinic", "a speech test in spring"
NINA = "(SELECT id FROM person WHERE given_name = 'Nina' AND is_student)"
SCHOOL = f"SELECT s.uuid FROM role r JOIN school s ON s.id = r.school_id WHERE r.person_id = {NINA} AND r.ended_at IS NULL"
PUBLIC = f"SELECT coalesce(string_agg(category, ', '), 'nothing') FROM directory_of(ARRAY[{NINA}])"
ADOPT = "SELECT write_setting('directory_name', 'true', NULL, 'operator', NULL)"
SIGNED = "SELECT count(*) FROM signed_consent WHERE ended_at IS NULL"
CHANGE = ("ALTER TABLE signed_consent DISABLE TRIGGER signed_as_signed", "UPDATE signed_consent SET recipient = 'A shop'",
          "ALTER TABLE signed_consent ENABLE TRIGGER signed_as_signed")  # fmt: skip
NAME = "main li[data-said^='name/']"


def play(scene: Scene) -> None:
    scene.line("psql asks what may leave the school about Nina, as delivered", scene.owner(PUBLIC), scene.owner(PUBLIC) == "nothing")
    publishes(scene, "Carl publishes news that names her", "name may not be shared")
    scene.owner(ADOPT)
    scene.line("the district adopts names as directory information", scene.owner(PUBLIC), scene.owner(PUBLIC) == "name")
    publishes(scene, "Carl publishes it again", "Published")
    reads_news(scene, "Dee, a mother of another student, reads it", is_there=True)
    with scene.signed_in(ANA) as page:
        opts_out(scene, page)
    reads_news(scene, "Dee looks for it again", is_there=False)
    with scene.signed_in(ANA) as page:
        signs(scene, page)
        checked(scene)
        ends(scene, page)


def publishes(scene: Scene, done: str, answer: str) -> None:
    with scene.at_work(CARL) as page:
        goes(page, scene.address("/office/news"))
        page.select_option("#school", value=scene.owner(SCHOOL))
        page.check("input[name=audience][value=families]")
        page.fill("[name=title]", NEWS)
        page.fill("[name=words]", "Nina Ruiz won at chess.")
        sent(page, "main form:has([name=title]) button.button-act")
        said = page.inner_text("#said")
        scene.line(done, said, answer in said)


def reads_news(scene: Scene, done: str, *, is_there: bool) -> None:
    with scene.signed_in(OTHER) as page:
        goes(page, scene.address("/news"))
        titles = page.locator("main h2").all_inner_texts()
        scene.line(done, ", ".join(titles) or "nothing", (NEWS in titles) == is_there)


def opts_out(scene: Scene, page: Page) -> None:
    goes(page, scene.address(f"/children/{nina(scene)}/everything"))
    follow(page, "main a:has-text('how to opt out')")
    told = words_of(page, NAME)
    scene.line("Ana reads what may be shared about Nina", told, "may share it with anyone" in told)
    sent(page, f"{NAME} button")
    told = words_of(page, NAME)
    scene.line("she opts out, and psql asks again", f"{told}; {scene.owner(PUBLIC)}", "You opted out" in told and scene.owner(PUBLIC) == "nothing")


def signs(scene: Scene, page: Page) -> None:
    goes(page, scene.address(f"/children/{nina(scene)}/sharing"))
    page.check("input[name=record][value=grades]")
    page.fill("[name=recipient]", CLINIC)
    page.fill("[name=purpose]", WHY)
    page.fill("[name=last]", str(datetime.now(scene.stage.place(SLUG).zone).date() + timedelta(days=30)))
    page.fill("[name=signature]", "Ana Ruiz")
    sent(page, "main form:has([name=signature]) button.button-act")
    told = words_of(page, "main li[data-said^='consent/imported']")
    scene.line("she signs a consent for a clinic", told, CLINIC in told and scene.owner(SIGNED) == "1")
    goes(page, scene.address(f"/children/{nina(scene)}/who-has-looked"))
    text = page.inner_text("main")
    scene.line("the access log has the consent and the opt-out", "both", "signed a consent" in text and "opted out of sharing" in text)


def checked(scene: Scene) -> None:
    before = scene.owner(CHANGED_CONSENTS)
    for statement in CHANGE:
        scene.owner(statement)
    after = scene.owner(CHANGED_CONSENTS)
    scene.line("the owner of the database writes another recipient, and the check of the access log counts it", f"{before}, then {after}",
               (before, after) == ("0", "1"))  # fmt: skip
    for statement in CHANGE:
        scene.owner(statement.replace("A shop", CLINIC))


def ends(scene: Scene, page: Page) -> None:
    goes(page, scene.address(f"/children/{nina(scene)}/sharing"))
    sent(page, "main li[data-said^='consent/imported'] button")
    told = words_of(page, "main li[data-said^='consent/closed']")
    scene.line("she ends the consent", told, "It was ended" in told and scene.owner(SIGNED) == "0")
