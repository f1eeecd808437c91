"""After a refusal, a family asks for a hearing. The office sets its day and records what it decided (34 CFR 99.21 and 99.22, Ed. Code 49070)."""

from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.privacy.corrections.tests.test_corrections import NEWEST, OF_ANA, PATH, answers, asks, due, state
from tests.browser import Browser
from tests.cast import identity
from tests.school import School


def appeals(school: School, call: str = "ask_for_hearing", who: str = "ana", side: str = "family") -> str:
    return str(ask(school, who, f"SELECT {call}(%s)", [one(school, NEWEST)], side=side))


def sets(school: School, place: str = "3 p.m., Room 4", who: str = "carl") -> str:
    """The hearing is tomorrow."""
    return str(ask(school, who, "SELECT set_hearing(%s, %s, %s)", [one(school, NEWEST), one(school, "SELECT today() + 1"), place]))


def refused_and_heard(school: School) -> None:
    """Ana asks, Carl refuses, and a hearing is today."""
    asks(school)
    answers(school, "refused", said="No.")
    appeals(school)
    sets(school)
    school.change("UPDATE correction SET hearing_on = today() WHERE state = 'hearing'")


def events(school: School) -> list[str]:
    return list(one(school, "SELECT array_agg(event ORDER BY id) FROM ledger WHERE event LIKE 'correction%%' OR event LIKE 'hearing%%'"))


def test_after_a_refusal_a_hearing_decides(own_school: School) -> None:
    asks(own_school)
    assert appeals(own_school) == "over", "no one refused yet"
    answers(own_school, "refused", said="The certificate on file says Ruiz.")
    assert appeals(own_school, who="dee") == appeals(own_school, who="nina", side="student") == ""
    assert sets(own_school) == "taken"
    assert appeals(own_school) == "asked" and told(own_school, "carl", "staff")[-1] == "hearing asked"
    assert asks(own_school) == "taken" and answers(own_school, said="Heard.") == "days", "no day is set"
    assert sets(own_school, who="bo") == "" and sets(own_school, " ") == "days"
    assert sets(own_school) == "set" and answers(own_school, said="Heard.") == "days", "it is tomorrow"
    own_school.change("UPDATE correction SET hearing_on = today()")
    assert answers(own_school) == "words", "a decision has reasons"
    assert answers(own_school, said="Both papers say Ruiz Vega.") == "agreed" and told(own_school, "ana")[-1] == "request answered"
    own_school.change("UPDATE person SET family_name = 'Ruiz Vega' WHERE sourced_id = 'nina'")
    assert due(own_school) == 1 and state(own_school) == "corrected ana"
    assert events(own_school) == ["correction asked", "correction refused", "hearing asked", "hearing set", "hearing agreed", "correction done"]


def test_a_hearing_that_upholds_the_refusal_ends_the_request(own_school: School) -> None:
    refused_and_heard(own_school)
    assert answers(own_school, "refused", said="The certificate says Ruiz.") == "refused" and state(own_school) == "upheld ana"
    assert appeals(own_school) == "over" and answers(own_school, said="Again.") == "taken" and due(own_school) == 0
    assert one(own_school, f"SELECT answer || '; ' || hearing_said {OF_ANA}") == "No.; The certificate says Ruiz."


def test_the_hearing_is_due_30_days_after_the_family_asked_for_it(own_school: School) -> None:
    refused_and_heard(own_school)
    own_school.change("UPDATE correction SET asked_at = asked_at - interval '50 days', hearing_asked_at = hearing_asked_at - interval '10 days'")
    assert one(own_school, f"SELECT correction_due(c) - today() {OF_ANA}") == 20
    assert one(own_school, f"SELECT is_late FROM (SELECT correction_due(c) < today() AS is_late {OF_ANA}) w") is False


def test_a_hearing_can_be_withdrawn_and_ends_with_the_right_to_correct(own_school: School) -> None:
    refused_and_heard(own_school)
    assert appeals(own_school, "withdraw_correction") == "withdrawn"
    asks(own_school, wanted="Vega")
    answers(own_school, "refused", said="No.")
    assert appeals(own_school) == "asked"
    own_school.change("UPDATE tie SET may_correct = false WHERE uuid = %s", identity("tie/ana/nina"))
    assert answers(own_school, said="Yes.") == "barred" and due(own_school) == 1 and state(own_school) == "withdrawn ana, closed ana"


def test_ana_asks_for_a_hearing_carl_sets_it_and_both_read_its_decision(own_school: School) -> None:
    ana, carl = Browser("ana"), Browser("carl", "staff")
    asks(own_school)
    which = one(own_school, NEWEST)
    office = f"/office/corrections/{which}"
    carl.post(f"{office}/answer", {"verdict": "refused", "said": "The certificate says Ruiz."})
    words = ana.open(PATH).words
    assert "The school did not agree: The certificate says Ruiz." in words and "You have the right to a hearing. Ask for it by" in words
    assert ana.post(PATH, {"which": which, "hearing": "yes"}).headers["Location"] == f"{PATH}?then=asked"
    assert "A hearing is due by" in carl.open("/office/requests").words and "Set the hearing" in carl.open(office).words
    assert carl.post(f"{office}/answer", {"verdict": "hearing", "day": "2020-01-01", "place": "Room 4"}).status == 422
    place = {"verdict": "hearing", "day": str(one(own_school, "SELECT today()")), "place": "3 p.m., Room 4"}
    assert carl.post(f"{office}/answer", place).headers["Location"] == "/office/requests?then=set"
    assert "3 p.m., Room 4" in ana.open(PATH).words and "even a lawyer" in ana.open(PATH).words
    carl.post(f"{office}/answer", {"verdict": "refused", "said": "Both papers say Ruiz."})
    words = ana.open(PATH).words
    assert "The hearing decided that the record stays: Both papers say Ruiz." in words and "The law lets you add a statement" in words
    assert "Both papers say Ruiz." in carl.open(office).words
