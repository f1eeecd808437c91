"""Restrictions, confidential contacts and parent access: Carl can restrict right away, and needs Pat to lift it. No one is notified of the reason."""

from datetime import timedelta
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import sees, tie
from homeroom.portal.membership.requests.tests.registering import answers, looked, match, office_of, register, told
from homeroom.portal.membership.requests.tests.registering import newest as newest_request
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, listed, newest, second
from homeroom.portal.membership.ties.tests.keeping import agreed, at, bar, close, one, set_tie, today
from tests.browser import Browser
from tests.cast import identity
from tests.school import TODAY, School, proof_of, scores_read

LIFT, LONGER = "SELECT propose_lifting(%s, %s, %s)", f"SELECT bar_longer(%s, %s, {TODAY} + %s)"
KEEP, SHOW, OPEN = "SELECT keep_contact(%s, %s)", "SELECT propose_contact_shown(%s, %s, %s)", "SELECT propose_opening_to_parents(%s, %s)"
STANDS = "SELECT uuid FROM restriction WHERE person_id <> (SELECT id FROM person WHERE sourced_id = 'gus') ORDER BY id DESC LIMIT 1"
LETTERS = "SELECT count(*) FROM contact c WHERE may_get_letter(c) AND ended_at IS NULL AND student_id = (SELECT id FROM person WHERE sourced_id = 'nina')"
TIES = "SELECT jsonb_agg(to_jsonb(t) ORDER BY t.id) FROM tie t"


def opens_class(school: School, who: str, child: str, section: str = "algebra") -> bool:
    """Returns whether a view of the class's gradebook shows this student."""
    with school.asked_by(who, "staff", ("gradebook", section)) as app:
        return scores_read(app, child) > 0


def test_a_registrar_comparing_a_request_with_the_record_cannot_close_it_to_parents(own_school: School) -> None:
    """Rosa's view of the request opens Nina's contacts, as Carl's view of the student's page does."""
    office_of(own_school)
    register(own_school)
    match(own_school)
    shut = "SELECT close_to_parents(%s, 'safety', 'Call the office.')"
    assert looked(own_school, "rosa", "request", newest_request(own_school)["uuid"], shut, identity("nina")) == "" and sees(own_school, "ana")
    assert at(own_school, "carl", shut, [identity("nina")]) == "closed" and not sees(own_school, "ana")


# ── Restrictions ──
def test_a_person_carl_restricts_sees_nothing_in_any_role_from_the_next_statement_and_gets_no_notice(own_school: School) -> None:
    assert opens_class(own_school, "bo", "nina") and set_tie(own_school, whom="bo") == "set"
    own_school.change("DELETE FROM account_notice")
    own_school.change("DELETE FROM account_mail")
    with own_school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'gradebook', %s)", [proof_of("bo", "staff"), identity("algebra")]).fetchone() or (0,)
        assert bar(own_school, whom="bo") == "barred"
        with app.transaction():
            app.execute("SELECT begin_request(%s, %s)", [proof_of("bo", "staff"), entry])
            assert scores_read(app) == 0
    assert not opens_class(own_school, "bo", "nina") and opens_class(own_school, "bo", "max")
    assert told(own_school, "bo", "staff") == [] and one(own_school, "SELECT count(*) FROM account_mail") == 0
    assert one(own_school, "SELECT count(*) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.event = 'restriction made'") == 0


def test_someone_in_no_file_is_restricted_by_name_and_gets_no_letter(own_school: School) -> None:
    own_school.change("UPDATE contact SET person_id = NULL, name = 'Zed Roe' WHERE uuid = %s", identity("contact/jo/nina"))
    assert one(own_school, LETTERS) == 2 and bar(own_school, whom="", given="Zed", family="Roe") == "barred" and one(own_school, LETTERS) == 1


@pytest.mark.parametrize(
    ("said", "odd"),
    [({"basis": "gossip"}, "basis"), ({"paper": " "}, "paper"), ({"paper": "x" * 201}, "paper"), ({"start": None}, "days"), ({"end": "2001-01-01"}, "days")],
)
def test_a_restriction_says_by_what_until_when_and_where_the_paper_is(own_school: School, said: dict[str, str], odd: str) -> None:
    assert bar(own_school, **said) == odd and one(own_school, "SELECT count(*) FROM restriction") == 1


def test_only_an_administrator_unrelated_to_the_child_adds_a_restriction(own_school: School) -> None:
    for who in ("rosa", "pat", "bo", "vera"):
        assert bar(own_school, who) == ""
    appoint(own_school, "dana")
    assert bar(own_school, "dana", child="kai") == "" and bar(own_school, "dana", "dana") == ""
    assert bar(own_school, whom="nina") == "", "a student is not barred from the own record"
    assert bar(own_school, whom="") == "name" and bar(own_school) == "barred" and bar(own_school) == "tied"
    age_proofs(own_school)
    assert bar(own_school, whom="lou") == "again"


def test_a_restriction_of_next_week_closes_nothing_before_its_day_and_everything_on_it(own_school: School) -> None:
    """Dana teaches Nina and has family access to her. The restriction applies to both roles."""
    assert set_tie(own_school, whom="dana") == "set"
    assert bar(own_school, whom="dana", start=(today(own_school) + timedelta(7)).isoformat()) == "barred"
    for days, is_open in ((0, True), (6, True), (1, False)):
        own_school.change("UPDATE restriction SET start_date = start_date - %s::integer WHERE person_id = %s", days, own_school.ids["dana"])
        assert opens_class(own_school, "dana", "nina", "english") is is_open is sees(own_school, "dana")
    assert opens_class(own_school, "dana", "max", "english") and sees(own_school, "dana", "kai")


def test_a_restriction_from_next_week_does_not_block_one_from_today(own_school: School) -> None:
    later = (today(own_school) + timedelta(7)).isoformat()
    assert bar(own_school, whom="ana", start=later) == "barred" and sees(own_school, "ana")
    assert bar(own_school, whom="ana") == "barred" and not sees(own_school, "ana")
    assert bar(own_school, whom="ana", start=later) == "tied"
    assert bar(own_school, whom="lou", start=(today(own_school) + timedelta(367)).isoformat()) == "days"


def test_lifting_takes_two_and_until_then_it_holds(own_school: School) -> None:
    assert bar(own_school, whom="ana") == "barred" and not sees(own_school, "ana")
    which = [identity("nina"), one(own_school, STANDS)]
    assert at(own_school, "carl", LIFT, [*which, " "]) == "why"
    assert at(own_school, "carl", LIFT, [*which, "The order ended"]) == "proposed" and not sees(own_school, "ana")
    assert at(own_school, "carl", LIFT, [*which, "The order ended"]) == "taken" and second(own_school, "carl") == "mine"
    assert one(own_school, "SELECT lock_until FROM proposal ORDER BY id DESC LIMIT 1") is None  # no time lock
    assert agreed(own_school) == "carried out" and sees(own_school, "ana")
    assert at(own_school, "carl", LIFT, [*which, "again"]) == ""


def test_someone_with_access_to_the_child_cannot_give_the_second_approval(own_school: School) -> None:
    appoint(own_school, "dana", "pat")
    assert bar(own_school, whom="dee", child="kai") == "barred"
    assert at(own_school, "carl", LIFT, [identity("kai"), one(own_school, STANDS), "over"], child="kai") == "proposed"
    assert second(own_school, "dana") == "" and newest(own_school)[1] == "waiting" and second(own_school, "pat") == "carried out"


def test_nor_what_is_about_the_child_and_names_no_adult(own_school: School) -> None:
    appoint(own_school, "dana", "pat")
    assert close(own_school, child="kai") == "closed" and not sees(own_school, "dana", "kai")
    assert at(own_school, "carl", OPEN, [identity("kai"), "It is over"], child="kai") == "proposed"
    assert second(own_school, "dana") == "" and newest(own_school)[1] == "waiting" and second(own_school, "pat") == "carried out"
    assert sees(own_school, "dana", "kai")


def test_one_administrator_can_extend_a_restriction_and_cannot_shorten_it_alone(own_school: School) -> None:
    end = today(own_school).replace(year=today(own_school).year + 1)
    assert bar(own_school, whom="ana", end=end.isoformat()) == "barred"
    which = [identity("nina"), one(own_school, STANDS)]
    assert at(own_school, "carl", LONGER, [*which, 30]) == "days" and at(own_school, "carl", LONGER, [*which, 800]) == "longer"
    assert at(own_school, "carl", "SELECT bar_longer(%s, %s, NULL)", which) == "longer" and at(own_school, "carl", LONGER, [*which, 9000]) == "days"


def test_the_list_has_what_ends_first_and_nothing_of_ones_own(own_school: School) -> None:
    bar(own_school, whom="ana", end="2999-01-01")
    bar(own_school, whom="jo", end=today(own_school).replace(year=today(own_school).year + 1).isoformat())
    names = "SELECT jsonb_agg(name) FROM restrictions_shown(NULL)"

    def shown(who: str) -> Any:
        return listed(own_school, who, "ties", names)

    assert shown("carl") == ["Jo Castillo", "Ana Ruiz", "Gus Moss"]
    own_school.change("UPDATE tie SET adult_id = %s WHERE uuid = %s", own_school.ids["carl"], identity("tie/dee/max"))
    assert shown("carl") == ["Jo Castillo", "Ana Ruiz"]
    for who in ("rosa", "pat", "bo", "vera"):
        assert shown(who) is None
    appoint(own_school, "pat", at="middle")
    appoint(own_school, "bo", at="elementary")
    assert shown("pat") == ["Jo Castillo", "Ana Ruiz", "Gus Moss"] and shown("bo") is None
    assert listed(own_school, "pat", "ties", names, after=1) == ["Gus Moss"], "Nina, of whom the first two are, was on the page before"


# ── Contacts ──
def test_a_contact_kept_confidential_gets_no_letter_and_a_new_phone_in_a_file_changes_nothing(own_school: School) -> None:
    contact = [identity("nina"), identity("contact/jo/nina")]
    assert one(own_school, LETTERS) == 2 and at(own_school, "carl", KEEP, contact) == "kept" and one(own_school, LETTERS) == 1
    own_school.change("UPDATE contact SET ended_at = now() WHERE uuid = %s", identity("contact/jo/nina"))
    own_school.change("INSERT INTO contact (uuid, sourced_id, student_id, person_id, phone) VALUES (gen_random_uuid(), 'nina|2', %s, %s, '555')",
                      own_school.ids["nina"], own_school.ids["jo"])  # fmt: skip
    assert one(own_school, LETTERS) == 1
    new = [identity("nina"), one(own_school, "SELECT uuid FROM contact WHERE sourced_id = 'nina|2'")]
    assert at(own_school, "carl", SHOW, [*new, "He asked"]) == "proposed" and one(own_school, LETTERS) == 1
    assert agreed(own_school) == "carried out" and one(own_school, LETTERS) == 2


def test_a_confidential_adult_who_already_has_access_is_not_named_to_the_family(own_school: School) -> None:
    own_school.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    place = f"/children/{identity('nina')}/who-can-see"
    assert "Jo Castillo" in Browser("ana").open(place).words
    assert at(own_school, "carl", KEEP, [identity("nina"), identity("contact/jo/nina")]) == "kept"
    assert "Jo Castillo" not in Browser("ana").open(place).words and "Jo Castillo" in Browser("jo").open(place).words and sees(own_school, "jo")
    assert one(own_school, "SELECT jsonb_agg(uuid) FROM tie WHERE is_confidential") == [str(identity("tie/jo/nina"))]


def test_no_one_else_makes_a_contact_confidential_or_shows_it_again(own_school: School) -> None:
    contact = [identity("nina"), identity("contact/jo/nina")]
    for who in ("rosa", "pat", "bo"):
        assert at(own_school, who, KEEP, contact) == "" == at(own_school, who, SHOW, [*contact, "x"])
    assert at(own_school, "carl", SHOW, [*contact, "x"]) == ""
    assert at(own_school, "carl", KEEP, [identity("nina"), identity("contact/dee/max")]) == ""


# ── Parent access turned off ──
def test_turning_off_parent_access_closes_everything_right_away_and_it_comes_back_unchanged(own_school: School) -> None:
    own_school.change("UPDATE tie SET state = 'under challenge' WHERE uuid = %s", identity("tie/ana/nina"))
    before = one(own_school, TIES)
    assert sees(own_school, "ana") and sees(own_school, "ana", "leo") and close(own_school) == "closed"
    assert not sees(own_school, "ana") and sees(own_school, "ana", "leo")
    assert ask(own_school, "ana", "SELECT words FROM my_children_shut()", side="family") == "Call the office."
    assert told(own_school, "ana")[-1] == "record shut" and "record shut" not in told(own_school, "jo")
    assert close(own_school) == "tied"
    assert at(own_school, "carl", OPEN, [identity("nina"), "It is over"]) == "proposed" and not sees(own_school, "ana")
    assert agreed(own_school) == "carried out" and sees(own_school, "ana") and one(own_school, TIES) == before
    assert told(own_school, "ana")[-1] == "record back" and ask(own_school, "ana", "SELECT words FROM my_children_shut()", side="family") is None


def test_the_students_own_account_foster_care_and_other_children_go_on(own_school: School) -> None:
    assert set_tie(own_school, whom="dee") == "set" and close(own_school) == "closed"
    assert sees(own_school, "dee") and sees(own_school, "ana", "leo")
    with own_school.asked_by("nina", "student", ("child", "nina")) as app:
        assert scores_read(app) > 0


def test_a_tutor_loses_access_together_with_the_parent_who_gave_it(own_school: School) -> None:
    own_school.change("""INSERT INTO tutor_consent (tie_id, request_id, consenter_id, consenter_tie_id, organization, kinds, purpose, last_day, signature)
        SELECT g.id, (SELECT max(id) FROM tutor_request), t.adult_id, t.id, 'x', '{grades}', 'x', today() + 9, 'Ana Ruiz' FROM tie g, tie t
        WHERE g.uuid = %s AND t.uuid = %s""", identity("tie/tia/nina"), identity("tie/ana/nina"))  # fmt: skip
    assert sees(own_school, "tia") and close(own_school) == "closed" and not sees(own_school, "tia")
    at(own_school, "carl", OPEN, [identity("nina"), "It is over"])
    assert agreed(own_school) == "carried out" and sees(own_school, "tia")


def test_requests_letters_and_access_wait_while_parent_access_is_turned_off(own_school: School) -> None:
    assert one(own_school, LETTERS) == 2 and close(own_school) == "closed" and one(own_school, LETTERS) == 0
    assert answers(own_school, "carl") == "accounts" and not sees(own_school, "lou")
    assert set_tie(own_school, whom="lou", kind="parent", basis="birth record") == "set" and not sees(own_school, "lou")
    own_school.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    assert not sees(own_school, "jo")
    at(own_school, "carl", OPEN, [identity("nina"), "It is over"])
    assert agreed(own_school) == "carried out" and sees(own_school, "lou") and one(own_school, LETTERS) == 2


def test_only_an_administrator_turns_off_parent_access_and_must_give_a_basis_and_a_reason(own_school: School) -> None:
    for who in ("rosa", "pat", "bo", "vera"):
        assert close(own_school, who) == ""
    assert close(own_school, basis="gossip") == "basis" and close(own_school, words=" ") == "words" == close(own_school, words="x" * 1001)
    assert at(own_school, "carl", OPEN, [identity("nina"), "x"]) == ""
    age_proofs(own_school)
    assert close(own_school) == "again" and sees(own_school, "ana")


def test_turning_off_parent_access_waits_for_an_unfinished_approval_and_covers_it(own_school: School) -> None:
    """In another connection, the approval commits after parent access begins to be turned off. Without the lock it would stay open."""
    with own_school.connect("owner") as making, own_school.connect("owner") as closing:
        closing.execute("SET lock_timeout = '300ms'")
        making.execute("""INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, proof, state, may_consent, may_correct, may_challenge,
            is_confidential) VALUES (gen_random_uuid(), %s, %s, 'parent', today() - 1, '{grades}', 'code', 'approved', false, false, false, false)""",
                       [own_school.ids["dee"], own_school.ids["nina"]])  # fmt: skip
        with pytest.raises(Exception, match="lock timeout"):
            closing.execute("SELECT hold(4117308, %s)", [own_school.ids["nina"]])
        making.commit()
    assert close(own_school) == "closed" and not sees(own_school, "dee")


def test_a_second_approver_restricted_from_the_child_sees_neither_the_child_nor_the_contact(own_school: School) -> None:
    appoint(own_school, "pat")
    contact = [identity("nina"), identity("contact/jo/nina")]
    assert at(own_school, "carl", KEEP, contact) == "kept" and at(own_school, "carl", SHOW, [*contact, "He asked"]) == "proposed"

    def reads() -> Any:
        with own_school.connect("owner") as owner:
            owner.execute("SELECT begin_request(%s)", [proof_of("pat", "staff")])
            return (owner.execute("SELECT jsonb_build_array(w->'child', w->'named') FROM proposal, child_proposed(payload) w").fetchone() or (None,))[0]

    assert reads() == ["Nina Ruiz", "Jo Castillo"]
    own_school.change("""INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
        VALUES (gen_random_uuid(), %s, %s, 'court order', today())""", own_school.ids["pat"], own_school.ids["nina"])  # fmt: skip
    assert reads() == [None, None]


# ── Nina's and Leo's records turn out to be one student's ──
CLOSED = "INSERT INTO closed_to_parents (student_id, basis, words, set_by_id, ended_at) VALUES (%s, 'safety', 'Call the office.', %s, %s)"


def merged(school: School) -> None:
    """Merges as the import does. Leo's record stays."""
    with school.connect("intake") as intake:
        intake.execute("SELECT images_begin(%s)", [school.ids["file"]])
        intake.execute("INSERT INTO merge (question_id, old_id, into_id, delivery_id) SELECT id, %s, %s, delivery_id FROM question WHERE uuid = %s",
                       [school.ids["nina"], school.ids["leo"], identity("question")])  # fmt: skip


def test_a_restriction_on_one_record_carries_over_to_the_record_it_is_merged_into(own_school: School) -> None:
    """Bo's restriction has ended. Gus is restricted from Max."""
    assert [bar(own_school, whom=whom) for whom in ("dee", "bo")] == ["barred", "barred"]
    own_school.change("UPDATE restriction SET start_date = today() - 9, end_date = today() WHERE person_id = %s", own_school.ids["bo"])
    merged(own_school)
    assert one(own_school, "SELECT array_agg(person_id) FROM restriction WHERE student_id = %s", own_school.ids["leo"]) == [own_school.ids["dee"]]


@pytest.mark.parametrize(("closed", "ended", "then"), [("nina", None, True), ("nina", "now", False), ("max", None, False)])
def test_parent_accounts_that_are_closed_for_the_one_record_are_closed_for_the_other(own_school: School, closed: str, ended: str | None, then: bool) -> None:
    own_school.change(CLOSED, own_school.ids[closed], own_school.ids["carl"], ended)
    merged(own_school)
    assert one(own_school, "SELECT is_closed_to_parents(%s)", own_school.ids["leo"]) is then and sees(own_school, "ana", "leo") is not then


def test_a_merge_closes_the_record_to_the_parents_who_could_read_it_and_to_no_one_else(own_school: School) -> None:
    """Tia is the tutor. Jo's access ended. Dee is Max's mother. Gus lost access earlier and still has it elsewhere."""
    for adult, otherwise in (("tia", "kind = 'tutor'"), ("jo", "state = 'ended'"), ("gus", "is_shut = true")):
        tie(own_school, adult, "leo")
        own_school.change(f"UPDATE tie SET {otherwise} WHERE uuid = %s", identity(f"tie/{adult}/leo"))
    for child in ("nina", "max"):
        own_school.change(CLOSED, own_school.ids[child], own_school.ids["carl"], None)
    own_school.change("DELETE FROM closing")
    merged(own_school)
    shut = "SELECT array_agg(adult_id ORDER BY adult_id) FROM tie WHERE is_shut"
    assert one(own_school, shut) == sorted(own_school.ids[name] for name in ("ana", "gus"))
    assert one(own_school, "SELECT array_agg(DISTINCT person_id) FROM closing") == [own_school.ids["ana"]]
