"""An office reads its queue next to the request that it answers."""

import pytest

from homeroom.portal.membership.requests.tests.registering import asks, match, newest, office_of, register
from tests.browser import Browser, Page
from tests.cast import identity
from tests.school import School

PLACE = "/office/approvals"
LOOKS = "SELECT count(*) FROM ledger WHERE event = 'look' AND act = 'request'"
MORE = """INSERT INTO registration (person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation)
    SELECT %s, %s, %s, 'Kai', 'Okafor', '2014-05-05', 'father' FROM generate_series(1, 12)"""


@pytest.fixture
def office(own_school: School) -> School:
    """Mia asks for Nina, then Lou twelve times for Kai."""
    office_of(own_school)
    register(own_school)
    own_school.change(MORE, own_school.ids["lou"], own_school.ids["middle"], own_school.ids["middle"])
    match(own_school)
    return own_school


def rosa(path: str) -> Page:
    return Browser("rosa", "staff").open(path)


def uuids(school: School) -> list[str]:
    with school.connect("owner") as owner:
        return [str(uuid) for (uuid,) in owner.execute("SELECT uuid FROM registration ORDER BY id").fetchall()]


def beside(page: Page) -> tuple[list[str], list[str]]:
    """Returns the requests next to the one on the page, and those marked as the one on the page."""
    (nav,) = [nav for nav in page.find("nav") if "beside-queue" in nav.get("class", "")] or [None]
    links = {link.get("href", "").split("?")[0]: link.get("aria-current") for link in page.find("a") if nav is not None and link in list(nav.iter())}
    found = {path: mark for path, mark in links.items() if path.startswith(f"{PLACE}/")}
    return list(found), [path for path, mark in found.items() if mark]


def looks(school: School) -> int:
    with school.connect("owner") as owner:
        ((found,),) = owner.execute(LOOKS).fetchall()
    return int(found)


def test_rosa_sees_the_requests_around_the_one_she_opened(office: School) -> None:
    paths = [f"{PLACE}/{each}" for each in uuids(office)]
    assert beside(rosa(paths[0])) == (paths[:8], paths[:1])
    assert beside(rosa(paths[6])) == (paths[3:11], paths[6:7])
    assert beside(rosa(paths[12])) == (paths[5:], paths[12:])


def test_the_queue_is_recorded_nowhere_and_a_request_once(office: School) -> None:
    before = looks(office)
    rosa(PLACE)
    assert looks(office) == before
    rosa(f"{PLACE}/{uuids(office)[0]}")
    assert looks(office) == before + 1


def test_the_queue_next_to_a_request_keeps_its_school(office: School) -> None:
    """Dee asks for Leo at Lincoln Elementary. Carl answers Mia's request from the queue of Lincoln Middle, and the next one is of this queue, too."""
    assert asks(office, "dee", given_name="Leo", school=identity("elementary")) == "asked"
    mias, first, leos = uuids(office)[0], uuids(office)[1], str(newest(office)["uuid"])
    school = str(identity("middle"))
    carl = Browser("carl", "staff")
    (found, shown), (all_of_them, _none) = (beside(carl.open(f"{PLACE}/{mias}?school={of}")) for of in (school, identity("elementary")))
    assert f"{PLACE}/{leos}" not in found and shown == [f"{PLACE}/{mias}"] and all_of_them == [f"{PLACE}/{leos}"]
    answered = carl.post(f"{PLACE}/{mias}/answer", {"verdict": "declined", "school": school})
    assert answered.headers["Location"] == f"{PLACE}/{first}?school={school}&then=declined"


def test_the_answered_requests_stay_next_to_an_answered_one(office: School) -> None:
    mias = uuids(office)[0]
    Browser("rosa", "staff").post(f"{PLACE}/{mias}/answer", {"verdict": "declined"})
    assert beside(rosa(f"{PLACE}/{mias}?which=answered")) == ([f"{PLACE}/{mias}"], [f"{PLACE}/{mias}"])
    assert f"{PLACE}/{mias}" not in beside(rosa(f"{PLACE}/{mias}"))[0]


def test_a_different_answer_is_marked_by_more_than_its_color(office: School) -> None:
    office.change("UPDATE registration SET child_birth_date = '2014-05-06'")
    page = rosa(f"{PLACE}/{uuids(office)[1]}")
    verdicts = [cell for cell in page.find("td") if "verdict-cross" in cell.get("class", "")]
    assert verdicts and all("Different" in "".join(cell.itertext()) for cell in verdicts)
