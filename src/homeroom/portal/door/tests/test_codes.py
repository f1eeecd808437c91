"""Printed codes: each kind does one thing once, and every code that doesn't work gets the same answer."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.test import Client

from homeroom.portal.door.hashing import Argon2id
from homeroom.portal.door.tests.with_factors import PASSWORD
from homeroom.portal.letters.code import digest, grouped, new_code
from tests.school import School

GOOD = "violet otter runs past the moon"
NOT_WORKING = "This code doesn’t work."


def code_for(school: School, person: str, side: str, kind: str, *, expires: str = "21 days", what: str = "") -> str:
    """Makes a code as the office would have it printed."""
    made = new_code()
    school.change(
        f"INSERT INTO code (person_id, side, kind, digest, expires_at) VALUES (%s, %s, %s, %s, now() + interval '{expires}')",
        school.ids[person], side, kind, digest(made),
    )  # fmt: skip
    if what:
        school.change(f"UPDATE code SET {what} WHERE digest = %s", digest(made))
    return made


def person_at_the_door() -> Client:
    return Client(enforce_csrf_checks=False, headers={"host": "127.0.0.1:8000"})


def type_in(code: str, client: Client | None = None) -> tuple[int, str, Client]:
    client = client or person_at_the_door()
    answer = client.post("/sign-in/code", {"code": code})
    return answer.status_code, answer.content.decode(), client


def choose(client: Client, name: str = "sam.reed", password: str = GOOD) -> tuple[int, str]:
    answer = client.post("/sign-in/code/password", {"sign_in_name": name, "password": password})
    return answer.status_code, answer.content.decode()


def accounts(school: School, person: str) -> list[tuple[str, str]]:
    with school.connect("owner") as owner:
        rows = owner.execute("SELECT side, sign_in_name FROM account WHERE person_id = %s ORDER BY side", [school.ids[person]])
        return [(side, name) for side, name in rows]


def password_of(school: School, name: str) -> str:
    with school.connect("owner") as owner:
        (kept,) = owner.execute("SELECT password FROM credential c JOIN account a ON a.id = c.account_id WHERE sign_in_name = %s", [name]).fetchone() or ("",)
    return str(kept)


def test_a_code_wakes_its_persons_account_in_its_role_and_signs_no_one_in(door: School) -> None:
    made = code_for(door, "sam", "staff", "wake")
    status, _, client = type_in(grouped(made).lower().replace(" ", "-"))
    assert status == 302
    assert choose(client)[0] == 302
    assert accounts(door, "sam") == [("staff", "sam.reed")]
    assert Argon2id().verify(GOOD, password_of(door, "sam.reed"))
    with door.connect("owner") as owner:
        strong = owner.execute("SELECT FROM session WHERE person_id = %s AND is_strong AND ended_at IS NULL", [door.ids["sam"]])
        assert strong.fetchall() == [], "a code alone begins no strong session"


def test_a_code_works_once(door: School) -> None:
    made = code_for(door, "sam", "staff", "wake")
    *_, client = type_in(made)
    *_, other = type_in(made)
    assert choose(client)[0] == 302
    status, page = choose(other, "somebody.else")
    assert status == 403 and NOT_WORKING in page
    assert type_in(made)[0] == 403
    assert accounts(door, "sam") == [("staff", "sam.reed")]


def test_a_code_for_a_password_works_once_too(door: School) -> None:
    made = code_for(door, "ana", "family", "password")
    *_, client = type_in(made)
    assert choose(client)[0] == 302
    assert type_in(made)[0] == 403


def test_when_two_people_use_one_code_at_the_same_time_one_wins(door: School) -> None:
    """Both are on the last page, and their last steps meet at the code's row."""
    made = code_for(door, "sam", "staff", "wake")
    ready = Barrier(2)

    def race(name: str) -> object:
        with door.connect("door") as connection:
            ready.wait(timeout=60)
            (won,) = connection.execute("SELECT use_code(%s, %s, '')", [digest(made), name]).fetchone() or (None,)
            connection.execute("SELECT pg_sleep(0.2)")
            return won

    with ThreadPoolExecutor(2) as two:
        won = list(two.map(race, ["first", "second"]))
    assert len([each for each in won if each]) == 1, won
    assert len(accounts(door, "sam")) == 1


@pytest.mark.parametrize(("kind", "person", "expires", "what"), [
    ("used", "ana", "21 days", "used_at = now()"),
    ("expired", "ana", "-1 minutes", ""),
    ("taken back", "ana", "21 days", "ended_at = now()"),
    ("of a closed account", "dee", "21 days", ""),
    ("of somebody who left", "tia", "21 days", ""),
    ("of nobody", "", "", ""),
])  # fmt: skip
def test_every_code_that_does_not_work_gets_the_same_message(door: School, kind: str, person: str, expires: str, what: str) -> None:
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'dee.family'")
    door.change("UPDATE person SET ended_at = now() WHERE sourced_id = 'tia'")
    made = code_for(door, person, "family", "password", expires=expires, what=what) if person else new_code()
    status, page, _ = type_in(made)
    nobodys_status, nobodys_page, _ = type_in(new_code())
    assert (status, told(page)) == (nobodys_status, told(nobodys_page)) and status == 403 and NOT_WORKING in page


def told(page: str) -> str:
    """Returns the page without the form's token and the code that was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return re.sub(r'name="code" value="[^"]*"', "", page)


def test_a_mistyped_code_costs_no_try_and_a_wrong_one_does(door: School) -> None:
    status, page, _ = type_in(new_code()[:-1] + "2" * 2)
    assert status == 422 and 'id="code-wrong"' in page and NOT_WORKING not in page
    assert tries(door) == 0
    assert type_in(new_code())[0] == 403
    assert tries(door) == 2
    made = code_for(door, "ana", "family", "password")
    assert type_in(made)[0] == 302
    assert tries(door) == 2, "a right code forgets its own try and leaves the wrong one"


def tries(school: School) -> int:
    with school.connect("owner") as owner:
        (count,) = owner.execute("SELECT count(*) FROM sign_in_try").fetchone() or (0,)
    return int(count)


def test_a_hundred_wrong_codes_an_hour_from_one_address_are_enough(door: School) -> None:
    seen = [type_in(new_code())[0] for _ in range(101)]
    assert seen[:100] == [403] * 100 and seen[100] == 429
    assert type_in(code_for(door, "ana", "family", "password"))[0] == 429


def test_a_code_for_a_password_sets_it_ends_the_sessions_and_leaves_the_name(door: School) -> None:
    made = code_for(door, "ana", "family", "password")
    *_, client = type_in(made)
    assert "ana.family" in client.get("/sign-in/code/password").content.decode()
    assert choose(client, name="another.name")[0] == 302
    assert ("family", "ana.family") in accounts(door, "ana")
    assert Argon2id().verify(GOOD, password_of(door, "ana.family"))
    with door.connect("owner") as owner:
        running = owner.execute("SELECT method FROM session s JOIN account a ON a.id = s.account_id WHERE sign_in_name = 'ana.family' AND s.ended_at IS NULL")
        assert len(running.fetchall()) == 1, "the one that has just begun"


def test_a_code_that_wakes_does_nothing_to_an_account_in_use(door: School) -> None:
    """Someone found an old letter."""
    kept = password_of(door, "ana.family")
    assert type_in(code_for(door, "ana", "family", "wake"))[0] == 403
    assert password_of(door, "ana.family") == kept


def test_a_taken_username_gets_a_message_and_the_code_stays_valid(door: School) -> None:
    made = code_for(door, "sam", "staff", "wake")
    *_, client = type_in(made)
    status, page = choose(client, "ana.family")
    assert status == 422 and "taken" in page
    assert choose(client, "x", "short")[0] == 422
    assert choose(client)[0] == 302


def test_the_code_is_in_no_address_and_on_no_later_page(door: School) -> None:
    made = code_for(door, "sam", "staff", "wake")
    client = person_at_the_door()
    answer = client.post("/sign-in/code", {"code": made})
    assert made not in answer.headers["Location"]
    assert made not in client.get(answer.headers["Location"]).content.decode()
    with door.connect("owner") as owner:
        (state,) = owner.execute("SELECT state::text FROM sign_in_step").fetchone() or ("",)
    assert made not in state


def test_no_one_chooses_a_password_without_entering_a_right_code(door: School) -> None:
    answer = person_at_the_door().get("/sign-in/code/password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/code")
    assert choose(person_at_the_door())[0] == 302
    assert accounts(door, "sam") == []


def test_another_code_of_the_same_kind_ends_with_the_one_that_was_used(door: School) -> None:
    first, second = code_for(door, "ana", "family", "password"), code_for(door, "ana", "family", "password")
    *_, client = type_in(second)
    assert choose(client)[0] == 302
    assert type_in(first)[0] == 403


def test_a_used_code_is_in_the_ledger(door: School) -> None:
    made = code_for(door, "nina", "student", "password")
    *_, client = type_in(made)
    assert choose(client)[0] == 302
    with door.connect("owner") as owner:
        rows = owner.execute("""SELECT l.event, l.capacity, l.reason FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
            WHERE s.student_id = %s AND l.event = 'code used'""", [door.ids["nina"]]).fetchall()
    assert rows == [("code used", "student", "password")]


def lock_with_app(school: School, name: str) -> None:
    """Gives this account an authenticator app with a secret that can't be read."""
    school.change(
        "INSERT INTO authenticator (uuid, account_id, name, secret) SELECT gen_random_uuid(), id, 'app', 'x' FROM account WHERE sign_in_name = %s", name
    )


def has_factor(school: School, name: str) -> bool:
    with school.connect("owner") as owner:
        rows = owner.execute("SELECT FROM authenticator x JOIN account a ON a.id = x.account_id WHERE sign_in_name = %s", [name])
        return bool(rows.fetchall())


def test_after_a_new_password_by_code_the_second_factor_is_still_asked(door: School) -> None:
    lock_with_app(door, "bo.staff")
    *_, client = type_in(code_for(door, "bo", "staff", "password"))
    answer = client.post("/sign-in/code/password", {"password": GOOD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/second")
    assert client.get("/account").status_code == 302 and has_factor(door, "bo.staff")


def test_a_code_takes_a_lost_factor_away_only_with_the_present_password(door: School) -> None:
    lock_with_app(door, "ana.family")
    made = code_for(door, "ana", "family", "factors")
    *_, client = type_in(made)
    status, page = choose(client, password="not this one at all")
    assert status == 422 and 'id="error"' in page and has_factor(door, "ana.family")
    assert choose(client, password=PASSWORD)[0] == 302
    assert not has_factor(door, "ana.family")
    assert type_in(made)[0] == 403


def test_a_person_who_must_have_a_second_factor_adds_it_before_any_session_begins(door: School) -> None:
    *_, client = type_in(code_for(door, "sam", "staff", "wake"))
    answer = client.post("/sign-in/code/password", {"sign_in_name": "sam.reed", "password": GOOD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/enrol")
    assert client.get("/account").status_code == 302 and client.get("/sign-in/enrol").status_code == 200


def test_an_emailed_code_lets_no_one_add_a_first_factor(door: School) -> None:
    """Otherwise a reader of a teacher's email could add the second factor too."""
    *_, client = type_in(code_for(door, "bo", "staff", "password", what="checked = 'mail'"))
    answer = client.post("/sign-in/code/password", {"password": GOOD})
    assert answer.headers.get("Location") != "/sign-in/enrol"
    assert client.get("/sign-in/enrol").status_code == 302


def test_a_code_for_a_factor_sets_no_password(door: School) -> None:
    kept = password_of(door, "ana.family")
    *_, client = type_in(code_for(door, "ana", "family", "factors"))
    choose(client)
    assert password_of(door, "ana.family") == kept
