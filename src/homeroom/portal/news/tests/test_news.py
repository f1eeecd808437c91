"""School news: who reads it, who publishes it, and what a person with a waiting request reads."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.news.forms import FIELDS, draft_in
from tests.browser import Browser, numbers
from tests.cast import identity
from tests.school import School, calls_of, proof_of

HEADINGS = "SELECT coalesce(array_agg(title ORDER BY title), '{}') FROM news_shown(NULL, 100)"
MARKUP = "<script>alert(1)</script>"
TAKE_DOWN = "SELECT take_down_news(%s)"


def read(school: School, who: str, side: str = "family") -> list[str]:
    return list(ask(school, who, HEADINGS, side=side))


def draft(**said: str) -> dict[str, str]:
    about = {"school": str(identity("middle")), "audience": "families", "last_day": ""}
    return about | {"title": "Book fair", "words": "On Friday.\n\nBring a bag.", "title_es": "", "words_es": ""} | said


def publish(of: School, who: str, /, **said: str) -> Any:
    return ask(of, who, "SELECT publish_news(%s)", [json.dumps(draft(**said))])


def limited(school: School) -> None:
    school.change("UPDATE district SET registering = 'limited first'")


def test_each_reads_what_is_for_them(school: School) -> None:
    assert read(school, "ana") == ["Concert", "Fair", "Holiday"]
    assert read(school, "dee") == ["Concert", "Holiday"] == read(school, "nina", "student")
    assert read(school, "bo", "staff") == ["Holiday", "Meeting"]
    assert read(school, "dana", "family") == ["Concert", "Holiday"] and read(school, "dana", "staff") == ["Holiday", "Meeting"], "each hat its own"


def test_a_reader_who_opens_one_news_item_sees_that_one(school: School) -> None:
    one = "SELECT array_agg(title) FROM news_shown(%s, 100)"
    assert ask(school, "ana", one, [identity("fair")], side="family") == ["Fair"] and ask(school, "dee", one, [identity("fair")], side="family") is None


def test_a_tutor_and_a_restricted_father_cannot_read_any_news(school: School) -> None:
    assert read(school, "tia") == [] == read(school, "gus") == read(school, "jo")


def test_a_requester_waiting_under_approve_first_sees_no_news(school: School) -> None:
    assert read(school, "lou") == []
    assert Browser("lou").open("/news").part("none")
    assert "School news" not in Browser("lou").open("/").words.partition("Your requests")[2]


def test_limited_first_shows_the_named_school_s_news_and_no_class_roster_or_name(own_school: School) -> None:
    limited(own_school)
    assert read(own_school, "lou") == ["Concert", "Holiday"]
    nina = own_school.uuid("nina")
    for nothing in (f"students_shown('{{{nina}}}', '-infinity')", "classes_i_teach(timezone('PST8PDT', now())::date)",
                    f"work_shown('{nina}', timezone('PST8PDT', now())::date, '-infinity')"):  # fmt: skip
        assert ask(own_school, "lou", f"SELECT count(*) FROM {nothing}", side="family") == 0
    home = Browser("lou").open("/")
    assert "checking" in home.said and "Concert" in home.words and "Fair" not in home.words
    assert "What, where and when." in Browser("lou").open(f"/news/{identity('concert')}").words
    assert Browser("lou").open(f"/news/{identity('fair')}").status == 404 == Browser("lou").open(f"/news/{identity('nobody')}").status


def test_limited_first_is_the_same_for_a_child_who_is_not_there(own_school: School) -> None:
    limited(own_school)
    here = Browser("lou").open("/news").words
    own_school.change("UPDATE registration SET student_id = NULL, matched_at = NULL, child_given_name = 'Nobody'")
    assert Browser("lou").open("/news").words == here and read(own_school, "lou") == ["Concert", "Holiday"]


def test_limited_first_ends_with_the_answer(own_school: School) -> None:
    limited(own_school)
    own_school.change("UPDATE registration SET state = 'declined', answered_at = now()")
    assert read(own_school, "lou") == []


def test_limited_first_shows_a_restricted_father_none_of_the_news_that_lou_sees(own_school: School) -> None:
    limited(own_school)
    assert read(own_school, "gus") == [] and read(own_school, "lou") == ["Concert", "Holiday"]


def test_limited_first_shows_news_on_the_side_on_which_lou_asked(own_school: School) -> None:
    """Lou's request is for a student's own account, but Lou is signed in as family."""
    limited(own_school)
    own_school.change("UPDATE district SET registering_students = 'limited first'")
    own_school.change("UPDATE registration SET relation = 'self' WHERE person_id = %s", own_school.ids["lou"])
    assert read(own_school, "lou") == []


def test_a_staff_member_reads_a_schools_news_until_the_role_ends(own_school: School) -> None:
    own_school.change("INSERT INTO role (sourced_id, person_id, school_id, role) VALUES ('vera', %s, %s, 'teacher')",
                      own_school.ids["vera"], own_school.ids["middle"])  # fmt: skip
    assert read(own_school, "vera", "staff") == ["Holiday", "Meeting"]
    own_school.change("UPDATE role SET ended_at = now() WHERE sourced_id = 'vera'")
    assert read(own_school, "vera", "staff") == []



def test_no_one_publishes_for_a_school_that_is_not_theirs(own_school: School) -> None:
    appoint(own_school, "rosa", at="elementary")
    assert publish(own_school, "rosa") == "" == publish(own_school, "rosa", school="") == publish(own_school, "bo") == publish(own_school, "vera")
    assert publish(own_school, "rosa", school=str(identity("elementary"))) == "published"
    assert publish(own_school, "pat") == "published" and publish(own_school, "pat", school="") == "", "a principal for her school"
    assert publish(own_school, "carl", school="", audience="everyone", title="Snow") == "published"
    assert "Snow" in read(own_school, "leo", "student") and read(own_school, "ana").count("Book fair") == 2
    assert ask(own_school, "ana", "SELECT publish_news(%s)", [json.dumps(draft())], side="family") == ""


def test_publishing_asks_again_who_it_is(own_school: School) -> None:
    own_school.change("UPDATE session SET proven_at = now() - interval '11 minutes'")
    assert publish(own_school, "carl") == "again" == ask(own_school, "carl", "SELECT take_down_news(%s)", [identity("fair")])
    assert "Fair" in read(own_school, "ana")


def test_news_that_is_taken_down_is_gone_on_the_next_page(own_school: School) -> None:
    assert Browser("ana").open(f"/news/{identity('fair')}").status == 200
    assert Browser("pat", "staff").post(f"/office/news/{identity('fair')}", {}).status == 404, "of another school"
    assert Browser("carl", "staff").post(f"/office/news/{identity('fair')}", {}).headers["Location"] == "/office/news?then=taken+down"
    assert Browser("ana").open(f"/news/{identity('fair')}").status == 404 and read(own_school, "ana") == ["Concert", "Holiday"]
    page = Browser("carl", "staff").open("/office/news?then=taken+down")
    assert page.said == {"taken down"} and "Taken down" in page.words
    assert ask(own_school, "carl", "SELECT take_down_news(%s)", [identity("fair")]) == "taken"


def test_news_is_shown_through_its_last_day(own_school: School) -> None:
    own_school.change("UPDATE news_item SET last_day = today() WHERE title = 'Fair'")
    assert "Fair" in read(own_school, "leo", "student")
    own_school.change("UPDATE news_item SET last_day = today() - 1 WHERE title = 'Fair'")
    assert "Fair" not in read(own_school, "leo", "student")


def test_carl_publishes_in_both_languages_and_each_reads_theirs(own_school: School) -> None:
    form = draft(title=f"Fair {MARKUP}", title_es="Feria", words_es="El viernes.")
    assert Browser("carl", "staff").post("/office/news/new", form).headers["Location"] == "/office/news?then=published"
    english, spanish = Browser("dee").open("/news"), Browser("dee", language="es").open("/news")
    assert MARKUP in english.words and MARKUP not in english.text and "Feria" in spanish.words and 'lang="en">Concert' in spanish.text
    with own_school.connect("owner") as owner:
        (which,) = owner.execute("SELECT uuid FROM news_item WHERE title_es = 'Feria'").fetchone() or ("",)
    page = Browser("dee").open(f"/news/{which}")
    assert {"On Friday.", "Bring a bag."} <= {"".join(p.itertext()) for p in page.find("p")}
    assert numbers(Browser("carl", "staff").open("/settings").line("School news")) == ["5"]


def test_invalid_news_gets_a_message_for_each_field_and_is_not_published(own_school: School) -> None:
    form = draft(school="x", audience="", title="", words="", title_es="Feria", last_day="2020-01-01")
    page = Browser("carl", "staff").post("/office/news/new", form)
    assert page.status == 422 and "Not published yet" in page.words
    for said in ("Choose who publishes the news.", "Choose who reads it.", "Write something here.", "or neither.", "Type a day from today on"):
        assert said in page.words, said
    assert 'value="Feria"' in page.text, "nothing typed is lost"
    assert publish(own_school, "carl", title="x" * 121) == "odd" == publish(own_school, "carl", words=" ") == publish(own_school, "carl", words_es="solo")
    assert publish(own_school, "carl", audience="everybody") == "odd"


@pytest.mark.parametrize("said", [{"title_es": "x" * 121, "words_es": "Sí"}, {"title_es": "Feria", "words_es": "x" * 5001}, {"title_es": "Feria"}])
def test_spanish_is_as_short_as_english_and_has_both_a_title_and_words(school: School, said: dict[str, str]) -> None:
    assert publish(school, "carl", **said) == "odd"


@pytest.mark.parametrize("change", ["SELECT 1", "UPDATE school SET kind = 'district' WHERE id = %s", "UPDATE school SET ended_at = now() WHERE id = %s"])
def test_news_for_anything_but_a_current_school_is_not_published(own_school: School, change: str) -> None:
    own_school.change(change, *([own_school.ids["middle"]] if "%s" in change else []))
    place = own_school.uuid("nobody" if change == "SELECT 1" else "middle")
    assert publish(own_school, "carl", school=place) == "" and "Book fair" not in read(own_school, "ana")


def test_a_person_who_can_publish_nowhere_gets_404(school: School) -> None:
    for who, side in (("ana", "family"), ("bo", "staff"), ("nina", "student"), ("vera", "staff")):
        assert Browser(who, side).open("/office/news").status == 404
    assert Browser("vera", "staff").open("/news").status == 404


@given(typed=st.fixed_dictionaries({field: st.text(max_size=200) for field in FIELDS}))
def test_whatever_is_typed_is_a_draft_within_bounds_or_a_sentence(typed: dict[str, str]) -> None:
    wrong = dict[str, str]()
    found = draft_in(typed, [typed["school"]], date(2026, 1, 1), wrong)
    assert (found is None) == bool(wrong)
    if found:
        assert 0 < len(found.title) <= 120 and 0 < len(found.words) <= 5000 and "\x00" not in found.title + found.words
        assert bool(found.title_es) == bool(found.words_es)
        assert not found.last_day or found.last_day >= date(2026, 1, 1).isoformat()


def test_a_principal_takes_down_what_is_her_schools(own_school: School) -> None:
    assert ask(own_school, "pat", TAKE_DOWN, [identity("concert")]) == "taken down" and read(own_school, "dee") == ["Holiday"]


def asked(school: School, who: str, which: str) -> int:
    """How often the database checks whether this person may publish, before an item is taken down."""
    return calls_of(school, "may_publish", "SELECT begin_request(%s), take_down_news(%s)", proof_of(who, "staff"), identity(which))


def test_whether_one_may_publish_is_asked_of_offices_and_principals_and_of_the_district_last(school: School) -> None:
    assert asked(school, "rosa", "concert") == 0 < asked(school, "pat", "concert")
    assert asked(school, "carl", "concert") == asked(school, "carl", "holiday") - 1
