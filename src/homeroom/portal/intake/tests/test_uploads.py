"""Files that an administrator sent with the browser: who may, how the delivery names the sender, and what a stolen or invented permission can do."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import RECEIPTS, Lincoln
from homeroom.portal.intake.tests.office import asked_by
from homeroom.portal.intake.tests.opener_portal import KEY
from homeroom.portal.jobs import sweep
from homeroom.portal.place import Place
from homeroom.seal.sealing import verify_receipt
from homeroom.seal.tests.gpg import certificate_of


def leave_of(portal: Lincoln, who: str = "carl", side: str = "staff") -> UUID | None:
    """Asks for a permission, as the page does."""
    with asked_by(portal, who, side) as app:
        (leave,) = app.execute("SELECT begin_upload()").fetchone() or (None,)
    return leave


def put(portal: Lincoln, export: Export, leave: UUID | None) -> str:
    """Puts a file into the inbox, as the inbox process does. Returns the file's digest."""
    digest = portal.deliver(portal.seal(export.zip()))
    note = {"sender": "", "received": portal.now.isoformat(), **({"upload": str(leave)} if leave else {})}
    (portal.folder / "inbox" / f"{digest}.json").write_text(json.dumps(note))
    return digest


def became(portal: Lincoln, digest: str) -> tuple[str, str]:
    """Returns state and reason after intake has read the file."""
    assert portal.work(digest) == 0
    return tuple(portal.ask("SELECT state, reason FROM delivery WHERE digest = %s", digest))


def test_the_delivery_and_the_ledger_say_that_carl_sent_it(office: Lincoln, export: Export) -> None:
    digest = put(office, export, leave_of(office))
    assert became(office, digest) == ("imported", "")
    number = office.ask("SELECT id FROM delivery WHERE digest = %s", digest)
    with asked_by(office, "bo", "staff") as app:
        assert app.execute("SELECT uploader_of(%s)", [number]).fetchone() == ("Carl Webb",)
    written = office.ask("SELECT p.sourced_id, l.capacity FROM ledger l JOIN person p ON p.id = l.person_id"
                         " WHERE l.event = 'import upload' AND l.delivery_id = %s", number)  # fmt: skip
    assert written == ("carl", "administrator")


def test_the_receipt_is_on_the_page_alone_and_signed(office: Lincoln, export: Export) -> None:
    digest = put(office, export, leave_of(office))
    became(office, digest)
    assert office.texts(digest) == []
    text = office.ask("SELECT receipt FROM delivery WHERE digest = %s", digest)
    assert verify_receipt(text, certificate_of(RECEIPTS))["digest"] == digest


def test_a_file_without_a_leave_is_refused_and_says_so(office: Lincoln, export: Export) -> None:
    for leave in (None, uuid4()):
        assert became(office, put(office, export, leave)) == ("refused", "sent-by-nobody")


def test_a_leave_is_good_for_one_file(office: Lincoln, export: Export) -> None:
    leave = leave_of(office)
    assert became(office, put(office, export, leave))[0] == "imported"
    assert became(office, put(office, export, leave)) == ("refused", "sent-by-nobody")


@pytest.mark.parametrize("hours", [-1, 4])
def test_a_leave_is_good_for_three_hours_from_when_it_was_given(office: Lincoln, export: Export, hours: int) -> None:
    leave = leave_of(office)
    with office.connect() as owner:
        owner.execute("UPDATE upload SET at = %s", [office.now - timedelta(hours=hours)])
    assert became(office, put(office, export, leave)) == ("refused", "sent-by-nobody")


def test_a_leave_that_was_claimed_before_a_kill_is_still_this_files(office: Lincoln, export: Export) -> None:
    digest = put(office, export, leave_of(office))
    with office.connect("intake") as intake:
        intake.execute("INSERT INTO delivery (digest, received_at, state) VALUES (%s, %s, 'arrived')", [digest, office.now])
        intake.execute("SELECT claim_upload(id, %s) FROM delivery WHERE digest = %s",
                       [json.loads((office.folder / "inbox" / f"{digest}.json").read_text())["upload"], digest])  # fmt: skip
    assert became(office, digest)[0] == "imported"
    assert office.ask("SELECT count(*) FROM ledger WHERE event = 'import upload'") == 1


def test_a_signature_is_needed_as_for_any_other_file(office: Lincoln) -> None:
    unsigned = office.gpg.seal(b"PK", "-e", to=certificate_of(KEY))
    digest = office.deliver(unsigned)
    note = {"sender": "", "received": office.now.isoformat(), "upload": str(leave_of(office))}
    (office.folder / "inbox" / f"{digest}.json").write_text(json.dumps(note))
    assert became(office, digest) == ("refused", "unsigned")


def test_only_an_administrator_gets_permission_to_upload(office: Lincoln) -> None:
    with office.connect() as owner:
        owner.execute("DELETE FROM administrator WHERE person_id = (SELECT id FROM person WHERE sourced_id = 'bo')")
    assert [leave_of(office, who, side) for who, side in (("bo", "staff"), ("ana", "family"), ("nobody", "staff"))] == [None] * 3
    assert office.ask("SELECT count(*) FROM upload") == 0


def test_no_one_gets_permission_for_more_than_twenty_uploads_in_an_hour(office: Lincoln) -> None:
    assert all(leave_of(office) for _ in range(20))
    assert leave_of(office) is None
    assert leave_of(office, "bo") is not None
    with office.connect() as owner:
        owner.execute("UPDATE upload SET at = at - interval '61 minutes'")
    assert leave_of(office) is not None


def test_leaves_by_which_nothing_came_go_after_a_month(office: Lincoln, export: Export) -> None:
    became(office, put(office, export, leave_of(office)))
    leave_of(office)
    with office.connect() as owner:
        owner.execute("UPDATE upload SET at = at - interval '31 days'")
    (office.folder / "secrets" / "jobs").write_text(office.server.passwords["jobs"])
    sweep(Place.read(office.folder), office.now)
    assert office.ask("SELECT count(*), count(delivery_id) FROM upload") == (1, 1)
