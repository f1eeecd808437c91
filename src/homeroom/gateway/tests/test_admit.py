"""Lincoln's office, a county office and a stranger send files. Admission decides only from the files' outside."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from homeroom.gateway.admit import Admitted, Refused, admit
from homeroom.gateway.book import Portal, Sender
from homeroom.gateway.reasons import SENTENCES, Reason, sentence, why
from homeroom.seal.envelope import Envelope, NotSealed, Outside

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
LINCOLN, LINCOLN_OLD, HARBOR, OFFICES_OWN = "a" * 16, "b" * 40, "c" * 16, "d" * 16
PORTALS = {
    slug: Portal(slug, f"https://{slug}:1", recipients, "", "", "")
    for slug, recipients in (("lincoln", (LINCOLN, LINCOLN_OLD)), ("harbor", (HARBOR,)))
}
OFFICE = Sender("lincoln-office", (), ("lincoln",))
COUNTY = Sender("county", (), ("lincoln", "harbor"))


def envelope(*recipients: str) -> Envelope:
    return Envelope(recipients, is_armoured=False, size=1000)


def test_recipient_decides_which_portal_gets_a_countys_file() -> None:
    assert admit(COUNTY, PORTALS, envelope(LINCOLN), NOW) == Admitted("lincoln", 0, is_armoured=False)
    assert admit(COUNTY, PORTALS, envelope(HARBOR), NOW) == Admitted("harbor", 0, is_armoured=False)


def test_key_that_was_replaced_still_names_its_portal() -> None:
    assert admit(OFFICE, PORTALS, envelope(LINCOLN_OLD), NOW) == Admitted("lincoln", 0, is_armoured=False)


def test_copy_for_the_office_itself_is_accepted_and_counted() -> None:
    assert admit(OFFICE, PORTALS, envelope(OFFICES_OWN, LINCOLN), NOW) == Admitted("lincoln", 1, is_armoured=False)


def test_file_for_two_portals_is_refused_even_to_a_sender_of_both() -> None:
    for sender in (OFFICE, COUNTY):
        assert admit(sender, PORTALS, envelope(LINCOLN, HARBOR), NOW) == Refused(Reason.TWO_PORTALS)


def test_office_cannot_send_to_another_district_nor_learn_whether_it_is_here() -> None:
    for stranger in (HARBOR, OFFICES_OWN):
        assert admit(OFFICE, PORTALS, envelope(stranger), NOW) == Refused(Reason.WRONG_RECIPIENT)


def test_unknown_revoked_and_expired_senders_are_refused_before_their_file_is_looked_at() -> None:
    revoked = Sender("x1", (), ("lincoln",), revoked=NOW - timedelta(days=1))
    expired = Sender("x2", (), ("lincoln",), expires=NOW)
    for sender, reason in ((None, Reason.UNKNOWN_SENDER), (revoked, Reason.REVOKED), (expired, Reason.EXPIRED)):
        assert admit(sender, PORTALS, envelope(LINCOLN), NOW) == Refused(reason)
        assert admit(sender, PORTALS, NotSealed(Outside.PLAIN), NOW) == Refused(reason)


@given(st.sampled_from(list(Outside)))
def test_a_fault_found_outside_is_passed_on(reason: Outside) -> None:
    assert admit(OFFICE, PORTALS, NotSealed(reason), NOW) == Refused(reason)


@given(st.lists(st.sampled_from([LINCOLN, LINCOLN_OLD, HARBOR, OFFICES_OWN]), max_size=4))
def test_a_file_goes_to_a_portal_only_if_it_names_that_one_alone(recipients: list[str]) -> None:
    named = {slug for slug, portal in PORTALS.items() if set(portal.recipients) & set(recipients)}
    verdict = admit(OFFICE, PORTALS, envelope(*recipients), NOW)
    assert isinstance(verdict, Admitted) is (named == {"lincoln"})


def test_every_reason_has_one_sentence_that_says_what_to_do() -> None:
    assert set(SENTENCES) == set(Reason)
    for reason in (*Reason, *Outside):
        assert why(reason.value) is reason
        assert "Please" in sentence(reason), reason
        assert len(sentence(reason)) < 250
