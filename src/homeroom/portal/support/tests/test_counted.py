"""The office reads about one grant, and support about one code and one account, and about no other."""

import hashlib
from typing import Any

import pytest

from homeroom.portal.membership.tests.acting import listed
from homeroom.portal.support.tests.supported import add, asked, grant, sign_in
from homeroom.portal.support.tests.test_sessions import let_in
from tests.school import School, calls_of
from tests.writer import Writer

__all__ = ["let_in"]

LOOKS = "SELECT looks FROM support_grants_shown(NULL)"


@pytest.mark.parametrize(("different", "n"), [
    ({}, 1), ({"event": "setting"}, 0), ({"capacity": "administrator"}, 0), ({"reason": "another grant"}, 0), ({"student": "max"}, 0),
])  # fmt: skip
def test_the_grants_page_counts_the_students_support_viewed_under_that_grant(let_in: School, different: dict[str, str], n: int) -> None:
    with let_in.connect("owner") as owner:
        (made, at) = owner.execute("SELECT uuid::text, began_at FROM support_grant").fetchone() or ("", None)
        line: dict[str, Any] = {"event": "look", "act": "support", "capacity": "support", "reason": made, "student": "nina"} | different
        student = let_in.ids[line.pop("student")]
        entry = Writer(owner).row("ledger", at=at, xid=3, **line)
        Writer(owner).row("ledger_student", entry_id=entry, student_id=student, at=at, kinds=[])
    assert listed(let_in, "pat", "support grants", LOOKS) == n


def test_a_mark_has_the_meaning_of_its_code_or_of_its_status_alone_and_no_other(let_in: School) -> None:
    let_in.change("INSERT INTO attendance_code (status, excuse_code, presence, excuse) VALUES ('absent', 'med', 2, 1)")
    for code, meaning in (("dent", (2, 0)), ("MED", (2, 1)), ("", (2, 0))):
        let_in.change("UPDATE attendance_mark SET excuse_code = %s", code)
        with asked(let_in, 1) as app:
            assert app.execute("SELECT presence, excuse FROM support_marks('-infinity')").fetchall() == [meaning]


def test_support_reads_which_adults_account_has_no_password_yet(let_in: School) -> None:
    let_in.change("DELETE FROM credential WHERE account_id = (SELECT id FROM account WHERE sign_in_name = 'ana.family')")
    with asked(let_in, 1) as app:
        assert sorted(app.execute("SELECT kind, closed_by FROM support_ties()").fetchall()) == [("parent", "asleep"), ("parent", "state"), ("tutor", "")]


def test_sweeping_the_sessions_of_an_old_grant_keeps_those_of_a_running_one(let_in: School) -> None:
    let_in.change("UPDATE support_grant SET began_at = began_at - interval '31 days', until = until - interval '31 days'")
    grant(let_in, "nina", supporter=add(let_in, "Kim Vo", b"kim's passkey"))
    assert sign_in(let_in, passkey=b"kim's passkey", token="kim's browser")
    with let_in.connect("jobs", autocommit=True) as jobs:
        assert jobs.execute("SELECT support_swept()").fetchone() == (1,)
    with let_in.connect("owner") as owner:
        left = owner.execute("SELECT key FROM support_session").fetchall()
    assert left == [(hashlib.sha256(hashlib.sha256(b"kim's browser").digest()).digest(),)]


@pytest.mark.parametrize(("called", "call"), [
    ("student_in_support", "support_classes()"), ("student_in_support", "support_work()"), ("student_in_support", "support_marks('-infinity')"),
    ("student_in_support", "support_ties()"), ("page_of_grants", "support_grants_shown(NULL)"), ("i_decide_for", "supporters_shown()"),
])  # fmt: skip
def test_nothing_more_is_checked_for_anyone_who_is_neither_a_supporter_nor_an_administrator(school: School, called: str, call: str) -> None:
    assert calls_of(school, called, f"SELECT count(*) FROM {call}") == 0
