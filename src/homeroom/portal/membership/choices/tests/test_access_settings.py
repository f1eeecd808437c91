"""Access settings: what a preview says, who may make one stricter, what needs a second approval, and what the history shows."""

import json
import threading
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.access.asking import rows
from homeroom.portal.membership.choices import queries as access_setting_queries
from homeroom.portal.membership.choices.words import choice_said
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, newest, second
from homeroom.portal.membership.tutors.tests.tutoring import asked, consent, district_of
from homeroom.portal.processes.front import ANSWER_PATIENCE
from tests.browser import Browser, numbers
from tests.school import School, names_read, proof_of

CHANGE = "SELECT change_setting(%s, %s, %s)"
WIDTHS = {"teachers_see_school": ["false", "true"], "registering": ["closed", "in person", "approve first", "limited first"],
          "registering_students": ["closed", "in person", "approve first", "limited first"], "code_approves": ["false", "true"],
          "letters_by_child": ["false", "true"], "tutors": ["off", "on", "with grades"], "preferred_names": ["off", "staff", "everyone"],
          **{f"directory_{name}": ["false", "true"] for name in ("name", "birth_date", "email", "phone", "attendance_dates")}}  # fmt: skip


def change(school: School, setting: str, was: str, becomes: str, who: str = "carl") -> str:
    return str(ask(school, who, CHANGE, [setting, was, becomes]))


def stands(school: School, setting: str) -> str:
    with school.connect("owner") as owner:
        return str((owner.execute("SELECT setting_now(%s)", [setting]).fetchone() or ("",))[0])


def preview(school: School, setting: str, becomes: str, who: str = "carl") -> dict[str, Any]:
    found = ask(school, who, "SELECT preview_setting(%s, %s)", [setting, becomes])
    return dict(found) if found else {}


def everything(school: School) -> str:
    """Returns everything that a preview could change."""
    with school.connect("owner") as owner:
        rows = [owner.execute(f"SELECT coalesce(jsonb_agg(to_jsonb(t) - 'last_seen_at' ORDER BY to_jsonb(t)::text), '[]') FROM {table} t").fetchone()
                for table in ("district", "session", "tie", "tutor_consent", "ledger", "ledger_student", "account_notice", "closing")]  # fmt: skip
    return json.dumps(rows, default=str)


# ── The preview ──
def test_it_says_which_students_a_teacher_would_newly_reach(own_school: School) -> None:
    found = preview(own_school, "teachers_see_school", "true")
    assert found["rows"] == [{"capacity": "teacher", "kind": "grades", "gain": 2, "lose": 0, "most_more": 1, "most_fewer": 0}]
    bo, dana = found["names"]
    assert bo == {"name": "Bo Larsen", "kind": "grades", "was": 2, "now": 3, "was_classes": 1, "classes": 3} and found["wider"] is True
    assert (dana["name"], dana["was"], dana["now"], dana["was_classes"], dana["classes"]) == ("Dana Okafor", 3, 3, 1, 3), "the same students, and more of each"


def test_the_preview_counts_no_student_that_the_teacher_is_restricted_from(own_school: School) -> None:
    own_school.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                      own_school.ids["bo"], own_school.ids["kai"])  # fmt: skip
    assert [(each["name"], each["now"]) for each in preview(own_school, "teachers_see_school", "true")["names"]] == [("Bo Larsen", 2), ("Dana Okafor", 3)]


def test_the_preview_count_matches_what_then_opens(own_school: School) -> None:
    """Bo can open English 7 after two approvals, and nothing at another school."""
    appoint(own_school, "pat")
    said = preview(own_school, "teachers_see_school", "true")["names"][0]["now"]
    assert change(own_school, "teachers_see_school", "false", "true") == "proposed" and second(own_school, "pat") == "carried out"
    opened = set()
    for section in ("algebra", "english", "reading", "art"):
        with own_school.asked_by("bo", "staff", ("gradebook", section)) as app:
            opened |= names_read(app)
    assert len(opened) == said


def test_it_leaves_nothing_behind_and_the_reader_is_herself_again(own_school: School) -> None:
    district = asked(district_of(own_school))
    consent(district, kinds=("grades", "attendance"))
    before = everything(district)
    found = preview(district, "tutors", "off")
    assert [(row["kind"], row["lose"]) for row in found["rows"]] == [("attendance", 1), ("grades", 1)] and found["wider"] is False
    assert {each["name"] for each in found["names"]} == {"Uma Frost"}
    assert everything(district) == before
    with district.asked_by("carl", "staff") as app:
        assert app.execute("SELECT preview_setting('tutors', 'off') IS NOT NULL").fetchone() == (True,)
        assert app.execute("SELECT count(*) FROM deliveries_shown(NULL, NULL, 1)").fetchone() == (1,), "still Carl"


def test_an_adult_of_the_readers_own_child_is_not_named(own_school: School) -> None:
    appoint(own_school, "dana")
    own_school.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                      own_school.ids["bo"], own_school.ids["kai"])  # fmt: skip
    own_school.change("UPDATE restriction SET end_date = today() WHERE person_id = %s", own_school.ids["bo"])
    assert [each["name"] for each in preview(own_school, "teachers_see_school", "true")["names"]] == ["Bo Larsen", "Dana Okafor"]
    assert preview(own_school, "teachers_see_school", "true", "dana")["names"] == [], "neither Bo, who was barred from Kai, nor herself"


@pytest.mark.parametrize("who", ["pat", "rosa", "vera", "bo"])
def test_only_an_administrator_of_the_district_asks(own_school: School, who: str) -> None:
    appoint(own_school, "bo", at="middle")
    assert preview(own_school, "teachers_see_school", "true", who) == {} and change(own_school, "tutors", "off", "on", who) == ""


@pytest.mark.parametrize(("setting", "becomes"), [("tutors", "all"), ("time_zone", "UTC"), ("caps", "{}"), ("", ""), ("tutors", "")])
def test_an_invalid_choice_for_an_access_setting_is_refused(own_school: School, setting: str, becomes: str) -> None:
    assert preview(own_school, setting, becomes) == {} and change(own_school, setting, "off", becomes) == "odd"


def test_the_in_person_setting_removes_what_the_office_could_approve_together(own_school: School) -> None:
    own_school.change("UPDATE registration SET is_exact = true")
    assert preview(own_school, "registering", "in person")["together"] == [1, 0]
    assert preview(own_school, "registering_students", "in person")["together"] == [1, 1], "Lou is no student"


def test_limited_first_shows_news_to_people_whose_requests_are_waiting(own_school: School) -> None:
    assert preview(own_school, "registering", "limited first")["news"] == [0, 1] and preview(own_school, "registering", "limited first")["wider"]
    own_school.change("UPDATE district SET registering = 'limited first'")
    assert preview(own_school, "registering", "approve first")["news"] == [1, 0]


# ── Who changes what ──
@given(setting=st.sampled_from(sorted(WIDTHS)), data=st.data())
def test_a_change_that_widens_access_waits_and_one_that_narrows_it_is_saved(school: School, setting: str, data: st.DataObject) -> None:
    was, becomes = (data.draw(st.sampled_from(WIDTHS[setting])) for _ in range(2))
    school.change(f"UPDATE district SET {setting} = %s", was)
    school.change("UPDATE proposal SET state = 'stopped' WHERE state = 'waiting'")
    then = change(school, setting, was, becomes)
    order = WIDTHS[setting]
    assert then == ("same" if was == becomes else "proposed" if order.index(becomes) > order.index(was) else "kept")
    assert stands(school, setting) == (becomes if then == "kept" else was)


def test_one_administrator_reduces_access_with_a_fresh_proof_and_all_are_notified(own_school: School) -> None:
    appoint(own_school, "pat")
    own_school.change("UPDATE district SET teachers_see_school = true")
    age_proofs(own_school)
    assert change(own_school, "teachers_see_school", "true", "false") == "again" and stands(own_school, "teachers_see_school") == "true"
    own_school.change("UPDATE session SET proven_at = now()")
    assert change(own_school, "teachers_see_school", "true", "false") == "kept" and stands(own_school, "teachers_see_school") == "false"
    assert told(own_school, "pat", "staff")[-1] == "setting changed"


def test_a_widening_holds_only_after_another_person_said_yes(own_school: School) -> None:
    appoint(own_school, "pat")
    assert change(own_school, "tutors", "off", "with grades") == "proposed" and stands(own_school, "tutors") == "off"
    assert second(own_school, "carl") == "mine" and stands(own_school, "tutors") == "off"
    with own_school.connect("owner") as owner:
        apart = owner.execute("SELECT are_apart_from(p) FROM proposal p WHERE kind = 'wider setting'").fetchone()
    assert apart == (True,), "nobody answered it yet, and it is about nobody"
    assert second(own_school, "pat") == "carried out" and stands(own_school, "tutors") == "with grades"


def test_a_yes_to_what_is_no_longer_so_does_nothing(own_school: School) -> None:
    appoint(own_school, "pat")
    own_school.change("UPDATE district SET tutors = 'on'")
    assert change(own_school, "tutors", "on", "with grades") == "proposed"
    assert change(own_school, "tutors", "on", "off", "pat") == "kept"
    assert second(own_school, "pat") == "not possible" and stands(own_school, "tutors") == "off"


def test_a_setting_value_that_the_administrator_was_not_shown_is_not_changed(own_school: School) -> None:
    own_school.change("UPDATE district SET tutors = 'with grades'")
    assert change(own_school, "tutors", "on", "off") == "taken" and stands(own_school, "tutors") == "with grades"


def test_the_second_of_two_changes_at_the_same_time_reads_what_the_first_wrote(own_school: School) -> None:
    appoint(own_school, "pat")
    own_school.change("UPDATE district SET tutors = 'with grades'")
    answers: list[str] = []
    with own_school.connect("app") as first:
        first.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        assert first.execute(CHANGE, ["tutors", "with grades", "on"]).fetchone() == ("kept",)
        other = threading.Thread(target=lambda: answers.append(change(own_school, "tutors", "with grades", "off", "pat")))
        other.start()
        other.join(0.5)
        assert answers == []
        first.commit()
        other.join()
    assert answers == ["taken"] and stands(own_school, "tutors") == "on"


# ── Under load ──
def test_a_preview_that_takes_too_long_says_so_and_changes_nothing(own_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    carl, form = Browser("carl", "staff"), {"setting": "teachers_see_school", "becomes": "true"}
    carl.open("/settings/access")
    before = everything(own_school)
    monkeypatch.setattr(access_setting_queries, "PATIENCE", "1ms")
    page = carl.post("/settings/access/preview", form)
    assert page.status == 503 and page.said == {"late"}
    assert page.part("setting-1"), "the list stands below it, as the database says it now"
    assert everything(own_school) == before
    monkeypatch.undo()
    assert carl.post("/settings/access/preview", form).status == 200


def test_only_the_preview_waits_longer_and_no_longer_than_the_front(own_school: School) -> None:
    limits = list[str]()
    with transaction.atomic():
        for patience in (None, access_setting_queries.PATIENCE, None):
            rows(access_setting_queries.BOUND, {"longest": patience})
            limits += [limit for (limit,) in rows("SHOW statement_timeout", {})]
    assert limits == ["15s", "25s", "15s"] and int(access_setting_queries.PATIENCE[:-1]) < (ANSWER_PATIENCE.total or 0)


def test_a_second_administrator_sees_a_notice_and_changes_nothing_during_a_preview(own_school: School) -> None:
    own_school.change("UPDATE district SET tutors = 'on'")
    carl = Browser("carl", "staff")
    with own_school.connect("owner") as other:
        other.execute("UPDATE district SET tutors = tutors")
        page = carl.post("/settings/access/choice", {"setting": "tutors", "was": "on", "becomes": "off"})
        assert page.status == 409 and page.said == {"busy"}
        assert carl.post("/settings/access/preview", {"setting": "tutors", "becomes": "off"}).status == 503
    assert stands(own_school, "tutors") == "on"


# ── The pages ──
def test_carl_reads_what_is_chosen_previews_and_narrows(own_school: School) -> None:
    own_school.change("UPDATE district SET teachers_see_school = true")
    carl = Browser("carl", "staff")
    assert "Who sees what" in carl.open("/settings").words
    assert f"Now: {choice_said('teachers_see_school', 'true')}." in carl.open("/settings/access").words
    page = carl.post("/settings/access/preview", {"setting": "teachers_see_school", "becomes": "false"})
    losses = page.part("losses")
    assert numbers(losses)[0] == "2" and "Teachers:" in losses and "grades" in losses and page.part("gains") == ""
    assert numbers(page.line("Bo Larsen")) == ["2", "1", "3", "3"], "students and classes then, and now"
    assert stands(own_school, "teachers_see_school") == "true"
    kept = carl.post("/settings/access/choice", {"setting": "teachers_see_school", "was": "true", "becomes": "false"})
    assert kept.headers["Location"] == "/settings/access?then=kept"
    was, now = (choice_said("teachers_see_school", choice) for choice in ("true", "false"))
    assert f"Carl Webb. Before: {was}. Since: {now}." in carl.open("/settings/access").words


def test_the_history_names_both_approvers_and_the_operator(own_school: School) -> None:
    appoint(own_school, "pat")
    own_school.change("SELECT write_setting('tutors', 'on', NULL, 'operator', NULL)")
    carl = Browser("carl", "staff")
    carl.post("/settings/access/choice", {"setting": "tutors", "was": "on", "becomes": "with grades"})
    page, wide = Browser("pat", "staff").open("/office/two-people"), choice_said("tutors", "with grades")
    assert page.said == {"wider setting: waiting"} and "“Tutors”" in page.words and wide in page.words
    assert f"second approval: {wide}." in carl.open("/settings/access").words
    assert second(own_school, "pat") == "carried out" and newest(own_school)[1] == "carried out"
    words = carl.open("/settings/access").words
    assert "Carl Webb, confirmed" in words and "Pat Quill." in words and f"operator. Before: {choice_said('tutors', 'off')}." in words
    own_school.change("INSERT INTO ledger (at, event, act, reason, xid) VALUES (now(), 'look', 'tutors', '{}', 1)")
    assert ask(own_school, "carl", "SELECT jsonb_array_length(history) FROM access_settings_shown() WHERE setting = 'tutors'") == 2, "a view is no change"


@pytest.mark.parametrize(("form", "status"), [({"setting": "tutors", "becomes": "all"}, 422), ({"setting": "limits", "becomes": "x"}, 422), ({}, 422),
                                              ({"setting": "tutors", "becomes": "off"}, 422)])  # fmt: skip
def test_a_form_that_says_nothing_gets_the_list_and_one_sentence(own_school: School, form: dict[str, object], status: int) -> None:
    page = Browser("carl", "staff").post("/settings/access/preview", form)
    assert page.status == status and "Nothing was changed" in page.words


def test_a_schools_administrator_reads_and_changes_nothing(own_school: School) -> None:
    appoint(own_school, "bo", at="middle")
    page = Browser("bo", "staff").open("/settings/access")
    assert page.status == 200 and 'name="becomes"' not in page.text
    assert Browser("bo", "staff").post("/settings/access/preview", {"setting": "tutors", "becomes": "on"}).status == 404
    assert Browser("bo", "staff").post("/settings/access/choice", {"setting": "tutors", "was": "off", "becomes": "on"}).status == 404
    assert stands(own_school, "tutors") == "off"


def test_a_preview_counts_who_gains_and_who_loses_apart_and_names_no_family(own_school: School) -> None:
    """As teachers, Bo gains two students and Sam loses one. Tia, a tutor, gains two. Ana loses hers."""
    was, becomes = ([{"person": own_school.ids[name], "capacity": capacity, "kind": "grades", "students": students, "classes": 0}
                     for name, (capacity, *both) in REACH.items() for students in [both[at]]] for at in (0, 1))  # fmt: skip
    with own_school.connect("owner") as owner:
        owner.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        (found,) = owner.execute("SELECT differing_reach(%s, %s)", [json.dumps(was), json.dumps(becomes)]).fetchone() or ({},)
    rows = {row["capacity"]: [row[column] for column in ("gain", "lose", "most_more", "most_fewer")] for row in found["rows"]}
    assert rows == {"teacher": [1, 1, 2, 1], "tutor": [1, 0, 2, 0], "family": [0, 1, 0, 1]}
    assert {row["name"] for row in found["names"]} == {"Bo Larsen", "Sam Reed", "Tia Bright"}


REACH = {"bo": ("teacher", 2, 4), "sam": ("teacher", 3, 2), "tia": ("tutor", 0, 2), "ana": ("family", 1, 0)}
