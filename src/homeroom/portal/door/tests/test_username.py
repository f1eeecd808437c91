"""Changing a username: who can, what the page tells, and who is notified."""

import pytest

from tests.browser import Browser
from tests.school import School

PAGE = "/account/username"


@pytest.fixture
def verified(door: School) -> School:
    door.change("INSERT INTO mail_address (account_id, address, language, proven_at) SELECT id, 'ana@mail.example', 'en', now()"
                " FROM account WHERE sign_in_name = 'ana.family'")  # fmt: skip
    door.change("UPDATE account SET created_at = now() - interval '1 day'")
    door.change("DELETE FROM account_mail")
    return door


def ana() -> Browser:
    return Browser("ana", "family")


def names(school: School) -> set[str]:
    with school.connect("owner") as owner:
        return {name for (name,) in owner.execute("SELECT sign_in_name FROM account").fetchall()}


def test_ana_chooses_a_username_and_is_notified(verified: School) -> None:
    assert "ana.family" in ana().open(PAGE).words
    answer = ana().post(PAGE, {"sign_in_name": "Ana@Mail.example"})
    assert answer.headers["Location"] == "/account?then=username"
    assert "ana@mail.example" in names(verified) and "ana.family" not in names(verified)
    with verified.connect("owner") as owner:
        assert owner.execute("SELECT kind FROM account_mail").fetchall() == [("factor",)]
        assert owner.execute("SELECT what FROM account_notice ORDER BY id DESC LIMIT 1").fetchone() == ("username changed",)
        assert owner.execute("SELECT reason FROM ledger WHERE event = 'sign-in changed' ORDER BY id DESC LIMIT 1").fetchone() == ("username changed",)


def test_without_a_verified_email_the_page_tells_nothing_about_usernames(door: School) -> None:
    assert "no email" in ana().open(PAGE).said
    for name in ("dee.family", "nobody.has.this"):
        assert ana().post(PAGE, {"sign_in_name": name}).headers["Location"] == PAGE
    assert "ana.family" in names(door)


@pytest.mark.parametrize(("name", "status"), [("dee.family", 409), ("DEE.family", 409), ("a b", 422), ("ab", 422), ("new\u2028name", 422), ("x" * 300, 422)])
def test_a_taken_or_odd_username_is_refused_and_nothing_changes(verified: School, name: str, status: int) -> None:
    assert ana().post(PAGE, {"sign_in_name": name}).status == status
    assert "ana.family" in names(verified)


def test_an_old_session_confirms_who_it_is_first(verified: School) -> None:
    verified.change("UPDATE session SET proven_at = now() - interval '1 hour'")
    assert ana().post(PAGE, {"sign_in_name": "ana2"}).headers["Location"].startswith("/sign-in/again")
    assert "ana.family" in names(verified)


def test_tries_are_counted(verified: School) -> None:
    assert [ana().post(PAGE, {"sign_in_name": "dee.family"}).status for _ in range(11)][-1] == 429
