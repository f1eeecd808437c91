"""The letter of an incident: a draft, its release by two administrators, and who gets it."""

import pytest

from homeroom.portal.incidents.tests.incidents import (
    LETTER,
    OFFICE,
    count,
    declare,
    draft,
    drafted,
    letters,
    look,
    name_suspect,
    note,
    proposed,
    released,
    stolen,
)
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import ask, second
from tests.browser import Browser
from tests.cast import identity
from tests.school import School


@pytest.fixture
def office(own_school: School) -> School:
    return stolen(own_school)



def test_two_administrators_release_letters_to_everyone_who_holds_rights_once_each(office: School) -> None:
    assert released(office) == {"Ana Ruiz": "portal", "Dee Moss": "portal", "Bo Larsen": "portal"}
    assert [told(office, who, side)[-1] for who, side in (("ana", "family"), ("dee", "family"), ("bo", "staff"))] == ["breach notice"] * 3
    assert one(office, "SELECT count(*) FROM incident_fact WHERE kind = 'released' AND at > now() - interval '1 day'") == 1


@pytest.mark.parametrize(("place", "words"), [("what_happened", "A laptop with Ruiz, Nina’s grades was lost."), ("can_do", "Nina\nRuiz")])
def test_a_notice_to_every_family_names_no_student(office: School, place: str, words: str) -> None:
    which = declare(office)
    for language in LETTER:
        letter = {each: dict(said) for each, said in LETTER.items()}
        letter[language][place] = words
        assert draft(office, which, letter) == "named"
    assert one(office, "SELECT count(*) FROM incident_fact WHERE kind = 'drafted' AND facts::text LIKE '%%Ruiz%%'") == 0
    form = {f"{part}_{language}": words for language in LETTER for part in LETTER["en"]}
    page = Browser("carl", "staff").post(f"/office/incidents/{which}/letter", form)
    assert page.status == 422 and page.said >= {"named"}


def test_a_restricted_father_a_tutor_and_a_suspended_adult_get_nothing_about_the_child(office: School) -> None:
    assert not {"Gus Moss", "Tia Bright", "Jo Castillo"} & set(released(office))


def test_a_restricted_father_whose_own_number_was_shown_gets_a_letter_about_that_only(office: School) -> None:
    assert look(office, "carl", "adults", "max")
    which = declare(office)
    count(office, which, "carl")
    draft(office, which)
    proposed(office, which)
    office.change("INSERT INTO contact (uuid, sourced_id, student_id, person_id, name, phone) VALUES (gen_random_uuid(), 'c8', %s, %s, 'Gus', '555')",
                  office.ids["max"], office.ids["gus"])  # fmt: skip
    assert second(office, "pat") == "carried out"
    assert one(office, "SELECT children FROM breach_letter WHERE person_id = %s AND is_own", office.ids["gus"]) == []


def test_a_student_of_18_gets_the_letter_and_a_parent_who_lost_the_rights_does_not(office: School) -> None:
    office.change("UPDATE majority SET applied_at = now() WHERE student_id = %s", office.ids["max"])
    found = released(office)
    assert "Max Moss" in found and "Dee Moss" not in found


def test_letters_about_a_student_with_an_alias_and_for_a_confidential_adult_go_by_hand(office: School) -> None:
    office.change("UPDATE masking SET student_id = %s, start_date = start_date - 60", office.ids["max"])
    office.change("UPDATE tie SET is_confidential = true WHERE uuid = %s", identity("tie/ana/nina"))
    assert released(office) == {"Ana Ruiz": "hand", "Dee Moss": "hand", "Bo Larsen": "portal"}


def test_an_adult_without_an_account_gets_paper(office: School) -> None:
    office.change("UPDATE account SET is_active = false WHERE person_id = %s", office.ids["dee"])
    assert released(office)["Dee Moss"] == "paper"


def test_a_student_whom_only_hidden_entries_name_waits_for_a_decision(office: School) -> None:
    office.change(
        """INSERT INTO withheld_entry (entry_id, student_id, notes, basis, until, withheld_by_id, seconded_by_id)
           SELECT s.entry_id, s.student_id, '{}', 'safety', today() + 30, %s, %s FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
           WHERE l.event = 'look' AND s.student_id = %s""",
        office.ids["carl"], office.ids["pat"], office.ids["nina"],
    )  # fmt: skip
    assert released(office)["Ana Ruiz"] == "undecided" and "teacher’s account" not in Browser("ana").open("/breach-letters").words


def test_a_draft_or_a_count_that_changed_meanwhile_releases_nothing(office: School) -> None:
    which = drafted(office)
    proposed(office, which)
    draft(office, which, LETTER | {"en": LETTER["en"] | {"doing": "Nothing yet."}})
    assert second(office, "pat") == "not possible" and letters(office) == {}
    proposed(office, which)
    count(office, which, "dana")
    assert second(office, "pat") == "not possible" and letters(office) == {}


def test_no_letter_goes_out_while_law_enforcement_asks_to_wait(office: School) -> None:
    which = drafted(office)
    assert proposed(office, which) == "proposed"
    assert ask(office, "carl", "SELECT hold_notices(%s, 'Sheriff, case 12', NULL)", [which]) == "recorded"
    assert second(office, "pat") == "not possible" and proposed(office, which) == "barred"
    assert ask(office, "carl", "SELECT end_hold(%s, 'The sheriff called')", [which]) == "recorded"
    assert proposed(office, which) == "proposed" and second(office, "pat") == "carried out"


def test_one_administrator_alone_and_a_suspect_release_nothing(office: School) -> None:
    which = drafted(office)
    proposed(office, which)
    assert second(office, "carl") == "mine"
    name_suspect(office, which, "pat")
    assert second(office, "pat") in ("", "not possible") and letters(office) == {}


def test_nothing_is_proposed_without_a_draft_and_a_count(office: School) -> None:
    which = declare(office)
    assert proposed(office, which) == "odd"
    count(office, which)
    assert proposed(office, which) == "odd" and draft(office, which, {"en": LETTER["en"]}) == "odd"


def test_ana_reads_her_letter_in_both_languages_and_that_is_the_proof_of_delivery(office: School) -> None:
    released(office)
    page = Browser("ana").open("/breach-letters")
    for heading in ("What Happened", "What Information Was Involved", "What We Are Doing", "What You Can Do", "For More Information"):
        assert heading in page.words
    assert "Someone used a teacher’s account." in page.words and "Alguien usó la cuenta de un maestro." in page.words
    assert "names and grades and work." in page.words, "and not the sign-in data, which was Bo's"
    assert "the record of Nina" in page.words and not {"Max", "Dee", "Bo Larsen"} & set(page.words.split())
    opened = "SELECT jsonb_object_agg(p.given_name, l.read_at IS NOT NULL) FROM breach_letter l JOIN person p ON p.id = l.person_id"
    opened += " WHERE l.released_at > now() - interval '1 day'"
    assert one(office, opened) == {"Ana": True, "Dee": False, "Bo": False}


@pytest.mark.parametrize(("who", "side"), [("jo", "family"), ("tia", "family"), ("gus", "family"), ("leo", "student"), ("carl", "staff")])
def test_no_one_else_reads_a_letter(office: School, who: str, side: str) -> None:
    released(office)
    assert "There are no notices for you." in Browser(who, side).open("/breach-letters").words


def test_carl_writes_the_letter_on_its_page_and_prints_it(office: School) -> None:
    which = declare(office)
    carl, path = Browser("carl", "staff"), f"{OFFICE}/{which}/letter"
    assert carl.open(f"{path}?pdf").status == 404, "nothing is drafted yet"
    form = {f"{part}_{language}": words for language, parts in LETTER.items() for part, words in parts.items()}
    kept = carl.post(path, form | {"doing_es": " "})
    assert kept.status == 422 and "We closed the account." in kept.text
    assert carl.post(path, form).status == 302
    page = carl.open(path)
    assert "Aviso de" in page.words and "We closed the account." in page.words
    printed = carl.client.get(f"{path}?pdf", HTTP_HOST=carl.host)
    assert printed.status_code == 200 and printed.content.startswith(b"%PDF")


def test_the_incidents_page_counts_letters_by_their_way_and_who_opened_them(office: School) -> None:
    which = drafted(office)
    proposed(office, which)
    second(office, "pat")
    Browser("ana").open("/breach-letters")
    note(office, which, "note")
    assert "On the portal: 3, opened by 1" in Browser("carl", "staff").open(f"{OFFICE}/{which}").part("letters")


def test_the_same_letter_is_not_proposed_again_for_the_same_count(office: School) -> None:
    which = drafted(office)
    proposed(office, which)
    second(office, "pat")
    assert proposed(office, which) == "taken"


def test_after_a_larger_count_only_new_people_get_the_letter(office: School) -> None:
    which = drafted(office)
    proposed(office, which)
    second(office, "pat")
    look(office, "dana", "gradebook", "english")
    count(office, which, "dana")
    assert proposed(office, which) == "proposed" and second(office, "pat") == "carried out"
    sent = "SELECT count(*) || ' ' || count(DISTINCT person_id) FROM breach_letter WHERE released_at > now() - interval '1 day'"
    assert letters(office).keys() > {"Ana Ruiz", "Dana Okafor"} and len(set(one(office, sent).split())) == 1


def test_a_count_that_was_set_aside_sends_no_letter(office: School) -> None:
    look(office, "dana", "gradebook", "english")
    which = drafted(office)
    count(office, which, "dana")
    wrong = one(office, "SELECT uuid FROM incident_fact WHERE kind = 'counted' ORDER BY id DESC LIMIT 1")
    aside = "SELECT set_count_aside(%s, %s, 'The wrong account')"
    assert ask(office, "carl", aside, [which, wrong]) == "recorded" and ask(office, "carl", aside, [which, wrong]) == "odd"
    proposed(office, which)
    assert second(office, "pat") == "carried out"
    assert letters(office) == {"Ana Ruiz": "portal", "Dee Moss": "portal", "Bo Larsen": "portal"}


def test_with_every_count_set_aside_nothing_is_proposed(office: School) -> None:
    which = drafted(office)
    carl, path = Browser("carl", "staff"), f"{OFFICE}/{which}"
    only = one(office, "SELECT uuid FROM incident_fact WHERE kind = 'counted' ORDER BY id DESC LIMIT 1")
    assert "Viewed by Bo Larsen" in carl.open(f"{path}/record/set-aside").words
    assert carl.post(f"{path}/record/set-aside", {"counted": str(only), "why": "A mistake"}).status == 302
    page = carl.open(path)
    assert "0 people" in page.part("who") and "Set a count aside. It no longer counts." in page.part("diary")
    assert proposed(office, which) == "odd"
