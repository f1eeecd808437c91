"""Which restrictions Carl lists and extends: none related to his own child, none of another student, and none twice."""

from homeroom.portal.membership.requests.tests.registering import match, newest, office_of, register
from homeroom.portal.membership.tests.acting import listed
from homeroom.portal.membership.ties.tests.keeping import at, bar, one, today
from tests.cast import identity
from tests.school import TODAY, School, calls_of, proof_of

LONGER = f"SELECT bar_longer(%s, %s, {TODAY} + 800)"
GUS_FROM_NINA = "SELECT r.uuid FROM restriction r JOIN person p ON p.id = r.student_id WHERE p.sourced_id = 'nina'"
NAMES = "SELECT jsonb_agg(name) FROM restrictions_shown(%s)"


def test_a_similar_adult_who_is_already_restricted_is_not_restricted_again(own_school: School) -> None:
    own_school.change("UPDATE person SET given_name = 'Gus' WHERE id = %s", own_school.ids["dee"])
    assert bar(own_school, whom="dee", child="max") == "barred"
    assert one(own_school, "SELECT jsonb_agg(person_id) FROM restriction ORDER BY 1") == [own_school.ids["gus"], own_school.ids["dee"]]


def test_carl_neither_lists_nor_makes_longer_what_bars_an_adult_of_his_own_child_from_another_student(own_school: School) -> None:
    """Gus is Max's father and restricted from Nina. Max becomes Carl's child."""
    end = today(own_school).replace(year=today(own_school).year + 1)
    assert bar(own_school, whom="gus", end=end.isoformat()) == "barred"
    assert listed(own_school, "carl", "ties", NAMES, [None]) == ["Gus Moss", "Gus Moss"]
    own_school.change("UPDATE tie SET adult_id = %s WHERE uuid = %s", own_school.ids["carl"], identity("tie/dee/max"))
    assert listed(own_school, "carl", "ties", NAMES, [None]) is None
    assert at(own_school, "carl", LONGER, [identity("nina"), one(own_school, GUS_FROM_NINA)]) == ""


def test_ninas_page_answers_nothing_about_max(own_school: School) -> None:
    assert bar(own_school, whom="ana") == "barred"
    assert at(own_school, "carl", NAMES, [identity("nina")]) == ["Ana Ruiz"]
    assert at(own_school, "carl", NAMES, [identity("max")]) is None


def test_a_student_of_what_is_no_school_is_listed_without_one(own_school: School) -> None:
    school = "SELECT jsonb_agg(school) FROM restrictions_shown(NULL)"
    assert listed(own_school, "carl", "ties", school) == ["Lincoln Middle"]
    own_school.change("UPDATE school SET kind = 'district' WHERE id = %s", own_school.ids["middle"])
    assert listed(own_school, "carl", "ties", school) == [None]


def test_a_registrar_who_compares_a_request_asks_for_no_restriction_of_the_child(own_school: School) -> None:
    assert bar(own_school) == "barred"
    office_of(own_school)
    register(own_school)
    match(own_school)
    with own_school.connect("app", autocommit=True) as app:
        viewed = [proof_of("rosa", "staff"), newest(own_school)["uuid"]]
        (entry,) = app.execute("SELECT look(%s, 'request', %s)", viewed).fetchone() or (0,)
    listing = "SELECT begin_request(%s, %s), (SELECT count(*) FROM restrictions_shown(%s))"
    assert entry and calls_of(own_school, "restrictions_i_keep", listing, proof_of("rosa", "staff"), entry, identity("nina")) == 0
