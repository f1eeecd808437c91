"""Access that only the district gives: Carl gives, changes, hides and ends it. No one else may, and the rules limit what he gives."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.portal.membership.challenges.tests.challenging import give_address, mails, sees, tie
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, listed, second
from homeroom.portal.membership.ties.tests.keeping import at, one, set_tie, typed
from tests.cast import identity
from tests.school import School, proof_of, scores_read

KINDS = """SELECT t.view_kinds FROM tie t JOIN person p ON p.id = t.adult_id JOIN person c ON c.id = t.student_id
    WHERE p.sourced_id = %s AND c.sourced_id = 'nina'"""
COUNT = "SELECT count(*) FROM tie WHERE state <> 'ended'"


def test_carl_gives_a_foster_caregiver_access_right_away_and_ana_sees_that_someone_was_added(own_school: School) -> None:
    assert not sees(own_school, "dee")
    assert set_tie(own_school, whom="dee") == "set" and sees(own_school, "dee") and not sees(own_school, "dee", "leo")
    assert told(own_school, "dee")[-1] == "record given" and told(own_school, "ana")[-1] == "parent added"
    assert one(own_school, KINDS, "dee") == ["grades", "attendance"]


def test_confidential_access_sends_the_family_no_notice_and_names_no_one(own_school: School) -> None:
    own_school.change("DELETE FROM account_notice")
    assert set_tie(own_school, whom="dee", confidential=True) == "set" and sees(own_school, "dee")
    assert told(own_school, "ana") == [] and told(own_school, "nina", "student") == [] and told(own_school, "dee") == ["record given"]
    for who, side in (("ana", "family"), ("nina", "student")):
        with own_school.asked_by(who, side, ("who can see", "nina")) as app:
            assert "Dee Moss" not in str(app.execute("SELECT name, relation FROM who_can_see(%s)", [identity("nina")]).fetchall())
        with own_school.asked_by(who, side, ("who has looked", "nina")) as app:
            lines = app.execute("SELECT name, relation, reason, is_hidden FROM ledger_of(%s, '-infinity', 'infinity')", [identity("nina")]).fetchall()
        assert "Dee Moss" not in str(lines) and "foster caregiver" not in str(lines) and any(line[3] for line in lines)


def test_a_new_adult_gets_a_person_and_a_paper_code_that_leads_to_an_account(own_school: School) -> None:
    assert set_tie(own_school) == "set"
    fay = one(own_school, "SELECT uuid FROM person WHERE given_name = 'Fay'")
    kept = ask(own_school, "carl", "SELECT print_code(%s, 'family', 'wake', sha256('fay'), 'photo id')", [fay])
    assert kept is not None
    with own_school.connect("door", autocommit=True) as door:
        assert door.execute("SELECT code_of(sha256('fay')) IS NOT NULL").fetchone() == (True,)


@pytest.mark.parametrize("who", ["rosa", "pat", "bo", "vera", "dana"])
def test_only_an_administrator_sets_an_adults_access(own_school: School, who: str) -> None:
    assert set_tie(own_school, who, "dee") == "" and not sees(own_school, "dee")


def test_an_administrator_of_another_school_sets_none(own_school: School) -> None:
    appoint(own_school, "rosa", at="elementary")
    assert set_tie(own_school, "rosa", "dee") == "" and set_tie(own_school, "rosa", "dee", child="leo") == "set"


def test_an_administrator_related_to_the_child_or_the_adult_cannot_set_access(own_school: School) -> None:
    appoint(own_school, "dana")
    assert set_tie(own_school, "dana", "dee", child="kai") == ""  # her own son
    own_school.change("UPDATE tie SET adult_id = %s WHERE uuid = %s", own_school.ids["dana"], identity("tie/gus/max"))
    assert set_tie(own_school, "dana", "dee") == ""  # Max has both
    assert set_tie(own_school, "dana", "lou") == "set"
    assert set_tie(own_school, "dana", "dana") == ""


def test_an_administrator_related_to_the_adult_cannot_end_the_adults_access(own_school: School) -> None:
    """Dee cares for Kai, and Dana is his mother."""
    appoint(own_school, "dana")
    tie(own_school, "dee", "kai")
    ended = [at(own_school, who, "SELECT end_tie(%s, %s)", [identity("max"), identity("tie/dee/max")], child="max") for who in ("dana", "carl")]
    assert ended == ["", "ended"]


def test_nothing_is_set_without_a_view_of_the_page(own_school: School) -> None:
    values = [identity("nina"), identity("dee"), "foster caregiver", json.dumps(typed(own_school))]
    assert ask(own_school, "carl", "SELECT set_tie(%s, %s, %s, %s::jsonb)", values) == "" and not sees(own_school, "dee")


def test_each_act_asks_who_it_is_anew(own_school: School) -> None:
    age_proofs(own_school)
    tie = [identity("nina"), identity("tie/ana/nina")]
    assert set_tie(own_school, whom="dee") == "again" and at(own_school, "carl", "SELECT end_tie(%s, %s)", tie) == "again"
    assert at(own_school, "carl", "SELECT set_tie_confidential(%s, %s, true)", tie) == "again"
    assert at(own_school, "carl", "SELECT change_tie(%s, %s, %s::jsonb)", [*tie, json.dumps(typed(own_school, basis="birth record"))]) == "again"


@pytest.mark.parametrize(
    ("kind", "said", "odd"),
    [
        ("foster caregiver", {"views": ["grades"]}, "views"),  # Ed. Code 49069.3: they have a right to grades and attendance
        ("foster agency", {"views": ["attendance"]}, "views"),
        ("foster caregiver", {"rights": ["consent"]}, "rights"),
        ("caseworker", {"basis": "agency letter", "rights": ["challenge"]}, "caseworker"),
        ("caseworker", {"basis": "agency letter"}, "caseworker"),
        ("caseworker", {"basis": "agency letter", "days": 400}, "caseworker"),
        ("caseworker", {"basis": "agency letter", "days": 100, "rights": ["challenge"]}, "rights"),
        ("guardian", {"basis": "affidavit"}, "basis"),
        ("caregiver by affidavit", {"basis": "court order"}, "basis"),
        ("tutor", {"basis": "placement"}, "basis"),
        ("foster caregiver", {"basis": ""}, "basis"),
        ("foster caregiver", {"start": None}, "days"),
        ("foster caregiver", {"days": 0}, "days"),
        ("foster caregiver", {"views": []}, "views"),
        ("foster caregiver", {"views": ["grades", "attendance", "secrets"]}, "views"),
        ("foster caregiver", {"proof": "code"}, "proof"),
        ("foster caregiver", {"relation": "x" * 61}, "relation"),
        ("foster caregiver", {"given": " "}, "name"),
        ("foster caregiver", {"family": " "}, "name"),
        ("foster caregiver", {"given": "x" * 100, "family": "x" * 101}, "name"),
    ],
)
def test_an_access_detail_unknown_to_the_law_or_the_form_is_not_set(own_school: School, kind: str, said: dict[str, object], odd: str) -> None:
    before = one(own_school, COUNT), one(own_school, "SELECT count(*) FROM person")
    assert set_tie(own_school, kind=kind, **said) == odd
    assert (one(own_school, COUNT), one(own_school, "SELECT count(*) FROM person")) == before


RIGHTS = ("consent", "correct", "challenge")
HOLDERS = ("parent", "guardian", "education-rights holder", "conservator")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["foster caregiver", "foster agency", "caseworker", *HOLDERS, "caregiver by affidavit", "tutor"]),
    basis=st.sampled_from(["placement", "court order", "agency letter", "surrogate", "affidavit", "birth record", "district record", ""]),
    views=st.sets(st.sampled_from(["grades", "attendance", "contacts", "birth date", "ledger"])),
    rights=st.sets(st.sampled_from(RIGHTS)),
    days=st.one_of(st.none(), st.integers(-400, 800)),
)
def test_access_is_valid_exactly_when_its_kind_paper_days_and_rights_go_together(
    school: School, kind: str, basis: str, views: set[str], rights: set[str], days: int | None
) -> None:
    papers = {"parent": "birth record court order district record", "guardian": "court order", "conservator": "court order",
              "caregiver by affidavit": "affidavit",
              "foster caregiver": "placement court order", "foster agency": "placement court order", "caseworker": "agency letter court order",
              "education-rights holder": "court order surrogate", "tutor": ""}  # fmt: skip
    fits = basis != "" and basis in papers[kind] and bool(views) and (days is None or days > 0)
    fits = fits and (kind != "caseworker" or (days is not None and days <= 366)) and (not rights or kind in HOLDERS)
    fits = fits and ("foster" not in kind or {"grades", "attendance"} <= views)
    said = typed(school, days, basis=basis, views=sorted(views), rights=sorted(rights))
    assert (one(school, "SELECT odd_with_tie(%s, %s::jsonb)", kind, json.dumps(said)) is None) is fits


def test_the_same_two_people_cannot_have_two_ties_and_a_restricted_adult_gets_none(own_school: School) -> None:
    assert set_tie(own_school, whom="ana") == "tied"
    assert set_tie(own_school, whom="gus", child="max") == "barred"


def test_access_ends_by_itself_on_its_day_and_carl_can_end_it_sooner(own_school: School) -> None:
    assert set_tie(own_school, whom="dee", days=10) == "set"
    own_school.change("UPDATE tie SET start_date = start_date - 20, end_date = end_date - 10 WHERE uuid = (SELECT uuid FROM tie ORDER BY id DESC LIMIT 1)")
    assert not sees(own_school, "dee")
    assert sees(own_school, "ana")
    assert at(own_school, "carl", "SELECT end_tie(%s, %s)", [identity("nina"), identity("tie/ana/nina")]) == "ended"
    assert not sees(own_school, "ana") and sees(own_school, "ana", "leo") and told(own_school, "ana")[-1] == "tie ended"


def test_the_email_about_an_ended_tie_goes_to_the_family_account(own_school: School) -> None:
    own_school.change("DELETE FROM account_mail")
    for side in ("family", "staff"):
        give_address(own_school, "dana", side)
    assert at(own_school, "carl", "SELECT end_tie(%s, %s)", [identity("kai"), identity("tie/dana/kai")], child="kai") == "ended"
    assert sorted(mails(own_school)) == [("closed", "dana.family"), ("written", "dana.family")]


def test_carl_changes_days_and_kinds_and_what_was_open_is_closed_within_the_page(own_school: School) -> None:
    said = typed(own_school, 5, basis="birth record", views=["attendance"], rights=["consent"])
    with own_school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'child', %s)", [proof_of("ana", "family"), identity("nina")]).fetchone() or (0,)
        change = [identity("nina"), identity("tie/ana/nina"), json.dumps(said)]
        assert at(own_school, "carl", "SELECT change_tie(%s, %s, %s::jsonb)", change) == "changed"
        with app.transaction():
            app.execute("SELECT begin_request(%s, %s)", [proof_of("ana", "family"), entry])
            assert scores_read(app) == 0
    assert one(own_school, KINDS, "ana") == ["attendance"]
    assert one(own_school, "SELECT may_challenge FROM tie WHERE uuid = %s", identity("tie/ana/nina")) is False


def test_the_family_and_not_carl_controls_a_tutors_access(own_school: School) -> None:
    tie = [identity("nina"), identity("tie/tia/nina")]
    assert at(own_school, "carl", "SELECT end_tie(%s, %s)", tie) == "" == at(own_school, "carl", "SELECT set_tie_confidential(%s, %s, true)", tie)


def test_hidden_and_named_again_and_the_ledger_of_the_child_says_neither(own_school: School) -> None:
    before = one(own_school, "SELECT count(*) FROM ledger_student WHERE kinds = '{}'")
    tie = [identity("nina"), identity("tie/jo/nina")]
    assert at(own_school, "carl", "SELECT set_tie_confidential(%s, %s, true)", tie) == "hidden"
    with own_school.asked_by("ana", "family", ("who can see", "nina")) as app:
        assert "Jo Castillo" not in str(app.execute("SELECT name FROM who_can_see(%s)", [identity("nina")]).fetchall())
    appoint(own_school, "pat")
    assert at(own_school, "carl", "SELECT set_tie_confidential(%s, %s, false)", tie) == "proposed", "no file takes a name back"
    assert one(own_school, "SELECT is_confidential FROM tie WHERE uuid = %s", tie[1]) and second(own_school, "pat") == "carried out"
    assert not one(own_school, "SELECT is_confidential FROM tie WHERE uuid = %s", tie[1])
    assert one(own_school, "SELECT count(*) FROM ledger_student WHERE kinds = '{}'") == before


def test_carl_finds_by_name_and_by_a_whole_address_that_was_proven(own_school: School) -> None:
    own_school.change("""INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'lou@mail.example', now()
        FROM account WHERE sign_in_name = 'lou.family'""")
    find = "SELECT name FROM adults_found()"
    assert ask(own_school, "carl", find) is None
    for words, found in (("dee mo", "Dee Moss"), ("lou@mail.example", "Lou Ibarra"), ("lou@mail", None), ("carl", None), ("d", None), ("max", None)):
        assert listed(own_school, "carl", "adults", find, subject=identity("nina"), words=words) == found, words
    has = "SELECT has_account FROM adults_found()"
    assert listed(own_school, "carl", "adults", has, subject=identity("nina"), words="dee mo") is True
    own_school.change("UPDATE account SET is_active = false WHERE sign_in_name = 'dee.family'")
    assert listed(own_school, "carl", "adults", has, subject=identity("nina"), words="dee mo") is False


def test_an_address_finds_the_family_account_that_has_it_and_no_one_by_name(own_school: School) -> None:
    own_school.change("""INSERT INTO mail_address (account_id, address, proven_at) SELECT a.id, w.address, now()
        FROM account a JOIN (VALUES ('tia.family', 't@b.x'), ('bo.staff', 'bo@mail.example')) w (name, address) ON w.name = a.sign_in_name""")
    own_school.change("UPDATE person SET family_name = 'Moss Example' WHERE id = %s", own_school.ids["dee"])
    for words, found in (("t@b.x", "Tia Bright"), ("bo@mail.example", None), ("dee@moss.example", None)):
        assert listed(own_school, "carl", "adults", "SELECT name FROM adults_found()", subject=identity("nina"), words=words) == found, words


@pytest.mark.parametrize("change", ["proven_at = NULL", "ended_at = now()"])
def test_an_address_that_is_unverified_or_no_longer_used_finds_no_one(own_school: School, change: str) -> None:
    own_school.change("""INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'lou@mail.example', now()
        FROM account WHERE sign_in_name = 'lou.family'""")
    find = "SELECT name FROM adults_found()"
    assert listed(own_school, "carl", "adults", find, subject=identity("nina"), words="lou@mail.example") == "Lou Ibarra"
    own_school.change(f"UPDATE mail_address SET {change} WHERE address = 'lou@mail.example'")
    assert listed(own_school, "carl", "adults", find, subject=identity("nina"), words="lou@mail.example") is None


def test_two_administrators_who_set_the_same_tie_at_the_same_time_make_one(own_school: School) -> None:
    with own_school.connect("app") as one_app, own_school.connect("app") as other:
        appoint(own_school, "pat")
        for app, who in ((one_app, "carl"), (other, "pat")):
            (entry,) = app.execute("SELECT look(%s, 'adults', %s)", [proof_of(who, "staff"), identity("nina")]).fetchone() or (0,)
            app.commit()
            app.execute("SELECT begin_request(%s, %s)", [proof_of(who, "staff"), entry])
        values = [identity("nina"), identity("dee"), "foster caregiver", json.dumps(typed(own_school))]
        statement = "SELECT set_tie(%s, %s, %s, %s::jsonb)"
        assert one_app.execute(statement, values).fetchone() == ("set",)
        other.execute("SET LOCAL lock_timeout = '300ms'")
        with pytest.raises(Exception, match="lock timeout"):
            other.execute(statement, values)
        other.rollback()
        one_app.commit()
    assert set_tie(own_school, "pat", "dee") == "tied"
