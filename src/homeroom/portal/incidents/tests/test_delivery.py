"""Letters about an incident on paper, by hand, by the district, and those that wait for two people."""

import csv
from io import BytesIO, StringIO
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.utils.translation import override

from homeroom.portal.incidents import words
from homeroom.portal.incidents.letter_words import TITLES, headings
from homeroom.portal.incidents.tests.incidents import OFFICE, draft, drafted, letters, proposed, released, stolen
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import ask, second
from tests.browser import Browser
from tests.school import School, proof_of

THIS_ONE = "Someone used a teacher’s account."  # Ana has an older letter, too
NEW = "released_at > now() - interval '1 day'"


@pytest.fixture
def office(own_school: School) -> School:
    """No one has an email here, and Dee has no account."""
    own_school.change("UPDATE mail_address SET ended_at = now()")
    own_school.change("UPDATE account SET is_active = false WHERE person_id = %s", own_school.ids["dee"])
    return stolen(own_school)


def letter(school: School, name: str) -> UUID:
    found = one(school, f"SELECT uuid FROM breach_letter l WHERE {NEW} AND person_id = %s", school.ids[name])
    assert isinstance(found, UUID)
    return found


def state(school: School, name: str) -> str:
    return str(one(school, f"SELECT way || ' ' || state FROM breach_letter l WHERE {NEW} AND person_id = %s", school.ids[name]))


def hidden(school: School) -> None:
    """Hides Nina from the entries of Bo's view."""
    school.change(
        """INSERT INTO withheld_entry (entry_id, student_id, notes, basis, until, withheld_by_id, seconded_by_id)
           SELECT s.entry_id, s.student_id, '{}', 'safety', today() + 30, %s, %s FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
           WHERE l.event = 'look' AND s.student_id = %s""",
        school.ids["carl"], school.ids["pat"], school.ids["nina"],
    )  # fmt: skip


def masked(school: School, name: str) -> None:
    school.change("UPDATE masking SET student_id = %s, start_date = start_date - 60", school.ids[name])


def test_the_list_of_printed_letters_runs_no_formula_that_is_in_dees_name(office: School) -> None:
    office.change("UPDATE person SET given_name = E'\u200b=HYPERLINK(1);＝Dee' WHERE id = %s", office.ids["dee"])
    which = drafted(office)
    released(office, which)
    carl = Browser("carl", "staff")
    assert carl.post(f"{OFFICE}/{which}/decide/print", {"way": "paper"}).status == 302
    batch = one(office, "SELECT uuid FROM incident_fact WHERE kind = 'printed' ORDER BY id DESC LIMIT 1")
    made = carl.client.get(f"{OFFICE}/batch?incident={which}&batch={batch}", HTTP_HOST=carl.host)
    with ZipFile(BytesIO(made.content)) as packed:
        rows = list(csv.reader(StringIO(packed.read("letters.csv").decode("utf-8-sig"))))
    assert rows[0] == ["file", "name", "letter"] and "\u200b'=HYPERLINK(1);'＝Dee Moss" in {row[1] for row in rows}


def test_a_batch_is_printed_downloaded_by_its_printer_and_handed_to_the_mail(office: School) -> None:
    which = drafted(office)
    released(office, which)
    carl, path = Browser("carl", "staff"), f"{OFFICE}/{which}"
    assert "On paper" in carl.open(f"{path}/printing").part("waiting")
    assert carl.post(f"{path}/decide/print", {"way": "paper"}).status == 302 and state(office, "dee") == "paper printed"
    batch = one(office, "SELECT uuid FROM incident_fact WHERE kind = 'printed' ORDER BY id DESC LIMIT 1")
    download = f"{OFFICE}/batch?incident={which}&batch={batch}"
    made = carl.client.get(download, HTTP_HOST=carl.host)
    assert made.status_code == 200
    with ZipFile(BytesIO(made.content)) as packed:
        assert packed.read("letters-001.pdf").startswith(b"%PDF") and "Dee Moss" in packed.read("letters.csv").decode()
    viewed = "SELECT count(*) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.act = 'breach batch' AND s.student_id = %s"
    assert one(office, viewed, office.ids["max"]) == 1, "Max's access log has the view"
    assert Browser("pat", "staff").client.get(download, HTTP_HOST=carl.host).status_code == 404, "someone else printed it"
    now = one(office, "SELECT to_char(now() AT TIME ZONE time_zone, 'YYYY-MM-DD\"T\"HH24:MI') FROM district")
    office.change("UPDATE incident_fact SET at = at - interval '11 minutes' WHERE kind = 'printed'")
    form = {"about": str(batch), "moment": now, "said": "Ann took them to the post office"}
    assert carl.post(f"{path}/record/mailed", form | {"said": " "}).status == 422
    assert carl.post(f"{path}/record/mailed", form).status == 302 and state(office, "dee") == "paper done"
    assert "Ann took them to the post office" in carl.open(f"{path}/printing").part("batches")
    assert carl.post(f"{path}/record/mailed", form).status == 422, "once"
    assert ask(office, "carl", "SELECT letter_came_back(%s, %s, 'Moved')", [which, letter(office, "dee")]) == "recorded"
    assert state(office, "dee") == "hand waiting", "paper that came back goes by hand"


def test_nothing_is_printed_twice_during_a_hold_or_by_someone_else(office: School) -> None:
    which = drafted(office)
    released(office, which)
    statement = "SELECT print_breach_letters(%s, 'paper')"
    assert ask(office, "dana", statement, [which]) == ""
    ask(office, "carl", "SELECT hold_notices(%s, 'Sheriff', NULL)", [which])
    assert ask(office, "carl", statement, [which]) == "barred"
    ask(office, "carl", "SELECT end_hold(%s, 'A call')", [which])
    assert ask(office, "carl", statement, [which]) == "recorded" and ask(office, "carl", statement, [which]) == "odd"
    assert ask(office, "carl", "SELECT print_breach_letters(%s, 'portal')", [which]) == "odd"


def test_the_list_by_hand_has_the_alias_and_its_opening_is_in_the_access_log(office: School) -> None:
    masked(office, "max")
    which = drafted(office)
    released(office, which)
    carl = Browser("carl", "staff")
    page = carl.open(f"{OFFICE}/letters?incident={which}")
    assert "Dee Moss" in page.part("list") and "Sky Lane" in page.part("list") and "Max" not in page.words
    viewed = "SELECT count(*) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.act = 'breach letter list' AND s.student_id = %s"
    assert one(office, viewed, office.ids["max"]) == 1
    assert Browser("dana", "staff").open(f"{OFFICE}/letters?incident={which}").status == 404
    now = one(office, "SELECT to_char(now() AT TIME ZONE time_zone, 'YYYY-MM-DD\"T\"HH24:MI') FROM district")
    office.change("UPDATE breach_letter SET released_at = released_at - interval '1 hour'")
    form = {"about": str(letter(office, "dee")), "moment": now, "said": "Carl, at the office"}
    assert carl.post(f"{OFFICE}/{which}/record/given", form).status == 302 and state(office, "dee") == "hand done"
    assert carl.post(f"{OFFICE}/{which}/record/given", form).status == 422
    assert "Dee Moss" not in carl.open(f"{OFFICE}/letters?incident={which}").words
    found = carl.post(f"{OFFICE}/letters?incident={which}", {"name": "Moss"})
    assert "Dee Moss" in found.words and "Delivered" in found.words


def test_a_printed_letter_about_a_student_with_an_alias_names_no_student(office: School) -> None:
    masked(office, "max")
    which = drafted(office)
    released(office, which)
    assert ask(office, "carl", "SELECT print_breach_letters(%s, 'hand')", [which]) == "recorded"
    batch = one(office, "SELECT uuid FROM incident_fact WHERE kind = 'printed' ORDER BY id DESC LIMIT 1")
    with office.connect("app", autocommit=True) as app:
        view = app.execute("SELECT look(%s, 'breach batch', %s)", [proof_of("carl", "staff"), batch]).fetchone()
        app.execute("BEGIN")
        app.execute("SELECT begin_request(%s, %s)", [proof_of("carl", "staff"), view[0] if view else 0])
        assert app.execute("SELECT name, children FROM batch_letters_shown(%s)", [batch]).fetchall() == [("Dee Moss", [])]


@pytest.mark.parametrize(("way", "becomes"), [("portal", "portal there"), ("hand", "hand waiting"), ("none", "none done")])
def test_two_people_decide_about_a_student_whom_only_hidden_entries_name(office: School, way: str, becomes: str) -> None:
    hidden(office)
    which = drafted(office)
    assert released(office, which)["Ana Ruiz"] == "undecided"
    carl = Browser("carl", "staff")
    assert "Ana Ruiz" in carl.open(f"{OFFICE}/letters?incident={which}").part("list")
    assert THIS_ONE not in Browser("ana").open("/breach-letters").words
    form = {"about": str(letter(office, "ana")), "way": way, "why": "We asked the counselor"}
    assert carl.post(f"{OFFICE}/{which}/decide/letter", form | {"way": "email"}).status == 422
    assert carl.post(f"{OFFICE}/{which}/decide/letter", form).status == 302
    assert second(office, "carl") == "mine" and state(office, "ana") == "undecided waiting"
    assert second(office, "pat") == "carried out" and state(office, "ana") == becomes
    assert (THIS_ONE in Browser("ana").open("/breach-letters").words) == (way == "portal")


def test_a_decision_about_a_letter_waits_while_law_enforcement_asks_for_it(office: School) -> None:
    hidden(office)
    which = drafted(office)
    released(office, which)
    propose = "SELECT propose_letter_way(%s, %s, 'portal', 'Safe')"
    assert ask(office, "carl", propose, [which, letter(office, "ana")]) == "proposed"
    ask(office, "carl", "SELECT hold_notices(%s, 'Sheriff', NULL)", [which])
    assert second(office, "pat") == "not possible" and state(office, "ana") == "undecided waiting"


def test_the_district_that_notifies_by_itself_gets_the_letters_and_records_how(office: School) -> None:
    which = drafted(office)
    carl, path = Browser("carl", "staff"), f"{OFFICE}/{which}"
    assert proposed(office, which) == "proposed"
    assert carl.post(f"{path}/record/notifier", {"by": "district", "why": "The board wants it"}).status == 302
    assert second(office, "pat") == "not possible", "the two proposed that Homeroom does it"
    draft(office, which)
    assert proposed(office, which) == "proposed" and second(office, "pat") == "carried out"
    assert set(letters(office).values()) == {"district"} and THIS_ONE not in Browser("ana").open("/breach-letters").words
    assert ask(office, "carl", "SELECT choose_notifier(%s, false, 'No')", [which]) == "taken"
    assert carl.post(f"{path}/decide/print", {"way": "district"}).status == 302
    batch = one(office, "SELECT uuid FROM incident_fact WHERE kind = 'printed' ORDER BY id DESC LIMIT 1")
    assert ask(office, "carl", "SELECT batch_mailed(%s, %s, clock_timestamp(), 'A mailing house')", [which, batch]) in ("recorded", "odd")
    page = carl.open(path)
    assert "Chose that the district notifies people itself." in page.part("diary")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_letter_has_the_headings_that_its_form_has(language: str) -> None:
    with override(language):
        assert words.titles() == TITLES[language]
        for notice in TITLES[language]:
            assert words.parts(notice).items() <= dict(headings(notice, language)).items()
