"""Signing in with a card: only students, only a card that works, and never a strong session. The words get into no address."""

from unittest.mock import patch

import pytest
from django.conf import settings
from django.test import Client

from homeroom.portal.letters import card as cards
from homeroom.portal.letters.card import digest, new_card
from tests.school import School

WRONG = "This card doesn’t work."


def card_for(school: School, person: str, *, what: str = "") -> str:
    """Makes a card as the class's teacher prints it."""
    made = new_card()
    hashed = digest(made, settings.PLACE.slug)
    school.change("INSERT INTO card (person_id, section_id, digest, made_by_id) VALUES (%s, %s, %s, %s)",
                  school.ids[person], school.ids["algebra"], hashed, school.ids["bo"])  # fmt: skip
    if what:
        school.change(f"UPDATE card SET {what} WHERE digest = %s", hashed)
    return made


def show(card: str) -> tuple[int, str, Client]:
    client = Client(headers={"host": "127.0.0.1:8000"})
    answer = client.post("/sign-in/card", {"words": card})
    return answer.status_code, answer.content.decode(), client


def newest(school: School) -> tuple[str, str, bool]:
    with school.connect("owner") as owner:
        row = owner.execute("""SELECT p.sourced_id, s.side, s.is_strong FROM session s JOIN person p ON p.id = s.person_id
            WHERE s.method = 'card' ORDER BY s.created_at DESC LIMIT 1""").fetchone()
    return row or ("", "", False)


def test_nina_signs_in_with_her_card_again_and_again(door: School) -> None:
    made = card_for(door, "nina")
    assert show(made)[0] == show(made.upper().replace("-", " "))[0] == 302
    assert newest(door) == ("nina", "student", False)


def test_a_card_wakes_the_account_of_a_student_who_never_signed_in(door: School) -> None:
    assert show(card_for(door, "kai"))[0] == 302
    with door.connect("owner") as owner:
        rows = owner.execute("""SELECT (SELECT count(*) FROM credential c WHERE c.account_id = a.id) FROM account a
            WHERE person_id = %s AND side = 'student'""", [door.ids["kai"]]).fetchall()
        assert rows == [(0,)]


@pytest.mark.parametrize(("person", "what"), [
    ("nina", "ended_at = now()"), ("nina", "made_at = now() - interval '366 days'"), ("max", ""), ("leo", ""), ("dana", ""), ("ana", ""),
])  # fmt: skip
def test_a_card_that_does_not_work_gets_the_same_answer_as_one_that_never_existed(door: School, person: str, what: str) -> None:
    """Ended, a year old, of a closed account, of a student who left, and a card in the name of staff or of a parent."""
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'max.student'")
    door.change("UPDATE person SET ended_at = now() WHERE sourced_id = 'leo'")
    status, page, client = show(card_for(door, person, what=what))
    nobodys_status, nobodys_page, _ = show(new_card())
    assert status == nobodys_status == 403 and WRONG in page and WRONG in nobodys_page
    assert client.get("/account").status_code == 302


def test_a_student_with_a_second_factor_is_asked_for_it_whatever_the_card(door: School) -> None:
    door.change("""INSERT INTO authenticator (uuid, account_id, name, secret)
        SELECT gen_random_uuid(), id, 'app', 'x' FROM account WHERE sign_in_name = 'nina.student'""")
    *_, client = show(card_for(door, "nina"))
    assert client.get("/account").status_code == 302
    assert newest(door) == ("", "", False)


def test_a_mistyped_card_costs_no_try(door: School) -> None:
    status, page, _ = show("otter maple zzzz cloud 417")
    assert status == 422 and 'id="error"' in page and WRONG not in page
    with door.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM sign_in_try").fetchone() == (0,)


def test_wrong_cards_from_one_address_are_counted(door: School) -> None:
    door.change("INSERT INTO sign_in_try (of) SELECT of FROM (SELECT of FROM sign_in_try LIMIT 1) t, generate_series(1, 99)")
    show(new_card())
    door.change("INSERT INTO sign_in_try (of) SELECT of FROM sign_in_try, generate_series(1, 99)")
    with patch.object(cards, "digest", side_effect=AssertionError("a try that waits hashes nothing")):
        assert show(new_card())[0] == 429


def test_the_words_of_a_card_are_in_no_table(door: School) -> None:
    made = card_for(door, "nina")
    show(made)
    with door.connect("owner") as owner:
        (kept,) = owner.execute("SELECT string_agg(c::text, ' ') FROM card c").fetchone() or ("",)
        assert made not in kept and made.encode().hex() not in kept
