"""Directory information: nothing is public before the district adopts it, and a family's opt-out closes it again (34 CFR 99.37, Ed. Code 49073)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from homeroom.portal.membership.eighteen.tests.aging import of_age
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.restore.tests.narrowing import plain_notes
from homeroom.portal.membership.restore.tests.test_replaying import backed_up, replayed
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, second
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of

ALL = ["name", "birth date", "email", "phone", "attendance dates"]
ADOPT = "UPDATE district SET directory_name = true, directory_birth_date = true, directory_email = true, directory_phone = true"
PUBLIC = "SELECT coalesce(array_agg(category ORDER BY category), '{}') FROM directory_of(ARRAY[%s])"
SECOND_PARENT = "UPDATE tie SET state = 'approved', may_consent = true WHERE uuid = %s"
PATH = f"/children/{identity('nina')}/sharing"


def public(school: School, name: str = "nina") -> list[str]:
    """Returns what may leave the school about this student."""
    with school.connect("owner") as owner:
        row = owner.execute(PUBLIC, [school.ids[name]]).fetchone()
    return list(row[0]) if row else []


def out(school: School, who: str = "ana", category: str = "name", side: str = "family", child: str = "nina") -> str:
    return str(ask(school, who, "SELECT opt_out(%s, %s)", [identity(child), category], side=side))


def back(school: School, who: str = "ana", category: str = "name", side: str = "family", child: str = "nina") -> str:
    return str(ask(school, who, "SELECT take_back_opt_out(%s, %s)", [identity(child), category], side=side))


def shown(school: School, who: str, side: str = "family") -> list[dict[str, Any]]:
    found = ask(school, who, "SELECT json_agg(w) FROM directory_shown(%s) w", [identity("nina")], side=side)
    return list(found or [])


@pytest.fixture
def adopted(own_school: School) -> School:
    own_school.change(ADOPT)
    return own_school


def test_nothing_is_public_as_delivered(own_school: School) -> None:
    assert public(own_school) == []
    found = shown(own_school, "ana")
    assert [each["category"] for each in found] == ALL and not any(each["is_adopted"] or each["is_shared"] for each in found)


def test_the_district_adopts_a_category_with_a_second_approval_and_takes_it_back_alone(own_school: School) -> None:
    appoint(own_school, "pat")
    change = "SELECT change_setting('directory_name', %s, %s)"
    assert ask(own_school, "carl", change, ["false", "true"]) == "proposed" and public(own_school) == []
    assert second(own_school, "pat") == "carried out" and public(own_school) == ["name"]
    assert ask(own_school, "carl", change, ["true", "false"]) == "kept" and public(own_school) == []


def test_one_parent_opts_out_of_one_category(adopted: School) -> None:
    assert out(adopted) == "kept" and public(adopted) == ["birth date", "email", "phone"] and "name" in public(adopted, "max")
    assert out(adopted) == "same" and out(adopted, category="shoe size") == "odd"
    assert "opted out of sharing directory information" in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words


def test_an_opt_out_counts_before_the_district_adopts_anything(own_school: School) -> None:
    assert out(own_school) == "kept"
    own_school.change(ADOPT)
    assert public(own_school) == ["birth date", "email", "phone"]


@pytest.mark.parametrize(("who", "side"), [
    ("jo", "family"), ("tia", "family"), ("dee", "family"), ("gus", "family"), ("nina", "student"), ("bo", "staff"), ("carl", "staff"),
])  # fmt: skip
def test_no_one_without_the_right_to_consent_opts_out(adopted: School, who: str, side: str) -> None:
    assert out(adopted, who, side=side) == "" and "name" in public(adopted)


def test_a_parent_without_the_right_to_consent_reads_the_page_and_changes_nothing(adopted: School) -> None:
    adopted.change("UPDATE tie SET may_consent = false WHERE uuid = %s", identity("tie/ana/nina"))
    assert out(adopted) == back(adopted) == ""
    assert not any(each["may_opt_out"] or each["may_end"] for each in shown(adopted, "ana")) and len(shown(adopted, "ana")) == 5


def test_under_challenge_a_parent_may_still_opt_out_and_takes_nothing_back(adopted: School) -> None:
    adopted.change("UPDATE tie SET state = 'under challenge' WHERE uuid = %s", identity("tie/ana/nina"))
    assert out(adopted) == "kept" and back(adopted) == "" and "name" not in public(adopted)


def test_only_a_fresh_proof_takes_it_back_and_the_others_are_notified(adopted: School) -> None:
    adopted.change(SECOND_PARENT, identity("tie/jo/nina"))
    out(adopted)
    age_proofs(adopted)
    assert back(adopted) == "again" and "name" not in public(adopted)
    adopted.change("UPDATE session SET proven_at = now()")
    assert back(adopted) == "ended" and "name" in public(adopted) and back(adopted) == "same"
    assert told(adopted, "jo")[-1] == "opt-out taken back"


def test_the_other_parent_does_not_take_it_back(adopted: School) -> None:
    """Either parent can opt out, and one is enough."""
    adopted.change(SECOND_PARENT, identity("tie/jo/nina"))
    out(adopted)
    assert back(adopted, "jo") == "same" and "name" not in public(adopted)
    mine = shown(adopted, "jo")[0]
    assert mine["is_out"] and not mine["is_mine"] and mine["may_opt_out"] and not mine["may_end"]
    assert out(adopted, "jo") == "kept" and back(adopted) == "ended" and "name" not in public(adopted), "the other one still counts"
    adopted.change("UPDATE tie SET may_consent = false WHERE uuid = %s", identity("tie/jo/nina"))
    assert back(adopted) == "ended" and "name" in public(adopted), "that person may no longer consent"


def test_at_18_the_student_decides_alone(adopted: School) -> None:
    out(adopted)
    of_age(adopted)
    assert out(adopted, category="phone") == back(adopted) == "" and "name" not in public(adopted), "the parent's opt-out goes on"
    assert back(adopted, "nina", side="student") == "ended" and "name" in public(adopted)
    assert out(adopted, "nina", "phone", "student") == "kept" and "phone" not in public(adopted)
    adopted.change("UPDATE session SET method = 'card' WHERE person_id = %s", adopted.ids["nina"])
    assert back(adopted, "nina", "phone", "student") == "", "teachers print cards"


def test_a_student_with_an_alias_is_in_nothing(adopted: School) -> None:
    adopted.change("INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)"
                   " VALUES (%s, 'Robin', 'Vale', 'threat', today() + 9, %s)", adopted.ids["nina"], adopted.ids["carl"])  # fmt: skip
    assert public(adopted) == [] and not any(each["is_shared"] for each in shown(adopted, "ana"))


def test_an_opt_out_follows_a_record_that_is_merged_into_another(adopted: School) -> None:
    out(adopted)
    adopted.change("""INSERT INTO merge (question_id, old_id, into_id, delivery_id)
        SELECT q.id, %s, %s, q.delivery_id FROM question q LIMIT 1""", adopted.ids["nina"], adopted.ids["kai"])  # fmt: skip
    assert "name" not in public(adopted, "kai")
    adopted.change("UPDATE merge SET undone_at = now()")
    assert "name" in public(adopted, "kai")


def test_an_opt_out_survives_a_restore_of_an_older_backup(adopted: School) -> None:
    with backed_up(adopted) as backup:
        out(adopted)
        with adopted.connect("owner") as owner:
            notes = plain_notes(owner)
        assert "name" in public(backup)
        replayed(backup, notes)
        assert "name" not in public(backup)


def test_no_login_reads_or_changes_an_opt_out(adopted: School) -> None:
    out(adopted)
    for login in ("app", "door", "jobs", "intake", "sealer"):
        with adopted.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE directory_opt_out SET ended_at = now()")


# ── News ──
def news(school: School, words: str, audience: str = "families", who: str = "carl") -> str:
    said = {"school": str(identity("middle")), "audience": audience, "last_day": "", "title": "Chess", "words": words, "title_es": "", "words_es": ""}
    return str(ask(school, who, "SELECT publish_news(%s)", [json.dumps(said)]))


def read(school: School, who: str = "dee", side: str = "family") -> bool:
    found = ask(school, who, "SELECT array_agg(title) FROM news_shown(NULL, 100)", side=side)
    return "Chess" in (found or [])


def test_news_names_no_student_as_delivered(own_school: School) -> None:
    assert news(own_school, "Well done, NINA  Ruiz!") == news(own_school, "The winner is Nina\nRuíz.") == "named" and not read(own_school)
    assert news(own_school, "Nina and Ms. Ruiz won.") == "published", "no student has that name"


def test_news_for_staff_may_name_a_student(own_school: School) -> None:
    """It stays inside the school (34 CFR 99.31(a)(1))."""
    assert news(own_school, "Nina Ruiz won.", "staff") == "published" and read(own_school, "bo", "staff")


def test_news_names_a_student_until_a_parent_opts_out(adopted: School) -> None:
    assert news(adopted, "Nina Ruiz won.") == "published" and read(adopted)
    out(adopted)
    assert not read(adopted) and news(adopted, "Nina Ruiz won again.") == "named"
    assert ask(adopted, "carl", "SELECT bool_or(is_hidden AND title = 'Chess') FROM news_published()") is True
    back(adopted)
    assert read(adopted)


@contextmanager
def publishing(school: School, words: str) -> Iterator[Any]:
    """Someone publishes, and hasn't committed yet."""
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        said = {"school": str(identity("middle")), "audience": "families", "last_day": "", "title": "Chess", "words": words, "title_es": "", "words_es": ""}
        yield app.execute("SELECT publish_news(%s)", [json.dumps(said)]).fetchone()


def test_an_opt_out_while_news_is_published_counts(adopted: School) -> None:
    """Publishing has looked already. Every later reader asks again."""
    with publishing(adopted, "Nina Ruiz won.") as answer:
        assert answer == ("published",) and out(adopted) == "kept"
    assert not read(adopted)


def test_a_name_that_the_publisher_may_not_know_is_not_revealed(adopted: School) -> None:
    """An alias counts as the name for someone who reads the alias."""
    assert news(adopted, "Robin Vale won.") == "published"
    adopted.change("INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)"
                   " VALUES (%s, 'Robin', 'Vale', 'threat', today(), %s)", adopted.ids["nina"], adopted.ids["carl"])  # fmt: skip
    assert news(adopted, "Nina Ruiz won.") == "named"


def test_an_erased_student_takes_the_news_that_names_them_along(adopted: School) -> None:
    news(adopted, "Nina Ruiz won.")
    with adopted.connect("owner") as owner:
        owner.execute("SELECT * FROM erase_student(%s, 'letter')", [adopted.ids["nina"]])
        assert owner.execute("SELECT count(*) FROM news_item WHERE words LIKE '%%Ruiz%%'").fetchone() == (0,)


# ── The page ──
def test_a_mother_opts_out_on_the_page_and_takes_it_back(adopted: School) -> None:
    page = Browser("ana").open(PATH)
    assert page.status == 200 and {"name/late", "attendance-dates/closed"} <= page.said
    done = Browser("ana").post(PATH, {"category": "name"})
    assert done.status == 302 and "name/closed" in Browser("ana").open(PATH).said
    assert Browser("ana").post(f"{PATH}/back", {"category": "name"}).status == 302 and "name/late" in Browser("ana").open(PATH).said
    assert Browser("ana").post(PATH, {"category": "x"}).status == 422


@pytest.mark.parametrize(("who", "side"), [("dee", "family"), ("tia", "family"), ("jo", "family"), ("max", "student"), ("bo", "staff"), ("carl", "staff")])
def test_others_find_no_page(adopted: School, who: str, side: str) -> None:
    assert Browser(who, side).open(PATH).status == 404


def test_a_student_reads_it_and_has_no_button(adopted: School) -> None:
    page = Browser("nina", "student").open(PATH)
    assert page.status == 200 and "name/late" in page.said and "Opt out" not in page.words
