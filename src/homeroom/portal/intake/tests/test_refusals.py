"""Files that must not come in. Each gets one clear reason in one signed receipt, and no row is touched."""

import io
from collections.abc import Callable
from datetime import timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from homeroom.judging.refusals import HOLDS
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import LONG_AGO, Lincoln
from homeroom.portal.intake.tests.opener_portal import KEY
from homeroom.portal.intake.tests.test_nights import changed, written
from homeroom.seal.tests.gpg import certificate_of, computer


def refused(portal: Lincoln, content: Export | bytes) -> tuple[str, str]:
    """Returns the reason and the file and column, after a check that no row changed. A file that an administrator may want is on hold."""
    before = written(portal)
    receipt = portal.send(content)
    assert receipt["state"] == ("held" if receipt["reason"] in HOLDS else "refused")
    assert changed(before, written(portal)) == {}
    assert receipt["sentence"]
    numbers = receipt["numbers"]
    return receipt["reason"], " ".join(str(numbers[word]) for word in ("file", "column") if word in numbers)


def package(**members: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return file.getvalue()


PACKAGES: dict[str, Callable[[Export], bytes]] = {
    "empty": lambda _: b"",
    "not-a-zip": lambda export: export.text("users"),
    "damaged": lambda export: export.zip()[:-400],
    "nested": lambda export: package(**export.members(), **{"inner.zip": export.zip()}),
    "escapes": lambda export: package(**export.members(), **{"..__..__users.csv": b"x"}),
    "explodes": lambda export: package(**export.members(), **{"results.csv": b"\0" * (40 << 20)}),
    "manifest-missing": lambda export: package(**{n: c for n, c in export.members().items() if n != "manifest.csv"}),
}


@pytest.mark.parametrize("reason", PACKAGES)
def test_a_package_that_is_no_export(settled: Lincoln, export: Export, reason: str) -> None:
    if reason == "explodes":
        export.raw["results.csv"] = None
    assert refused(settled, PACKAGES[reason](export))[0] == reason


def spoil_header(export: Export, old: bytes, new: bytes) -> None:
    text = export.text("users")
    assert old in text
    export.raw["users.csv"] = text.replace(old, new, 1)


FILES: dict[str, tuple[Callable[[Export], object], tuple[str, str]]] = {
    "a file the manifest promises": (lambda e: e.raw.update({"users.csv": None}), ("file-missing", "users.csv")),
    "a delta that says nothing of its rows": (lambda e: e.raw.update({"users.csv": b"sourcedId,enabledUser,givenName,familyName\r\n"})
                                              or e.manifest.update({"file.users": "delta"}), ("column-missing", "users.csv status")),
    "version 3": (lambda e: e.manifest.update({"oneroster.version": "3.0"}), ("version-unknown", "manifest.csv")),
    "no header": (lambda e: e.raw.update({"users.csv": b"s1,true,,,,\r\n"}), ("header-missing", "users.csv sourcedId, enabledUser, givenName, familyName")),
    "nothing": (lambda e: e.raw.update({"users.csv": b""}), ("file-empty", "users.csv")),
    "a column less": (lambda e: spoil_header(e, b"givenName,", b"x,"), ("column-missing", "users.csv givenName")),
    "a column twice": (lambda e: spoil_header(e, b"middleName", b"givenName"), ("column-doubled", "users.csv givenName")),
    "misspelt": (lambda e: spoil_header(e, b"givenName", b"givenNme"), ("column-misspelt", "users.csv givenName")),
    "Social Security": (lambda e: spoil_header(e, b"pronouns", b"SSN"), ("social-security", "users.csv column 22")),
    "UTF-16": (lambda e: e.raw.update({"users.csv": e.text("users").decode().encode("utf-16")}), ("utf-16", "users.csv")),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_cannot_be_read(settled: Lincoln, export: Export, what: str) -> None:
    spoil, expected = FILES[what]
    spoil(export)
    assert refused(settled, export) == expected


def drop_students(export: Export, share: float) -> None:
    students = [row["userSourcedId"] for row in export.tables["roles"] if row["role"] == "student"]
    gone = {*students[: round(len(students) * share)]}
    export.drop("roles", lambda row: row["userSourcedId"] in gone)
    export.drop("users", lambda row: row["sourcedId"] in gone)
    export.drop("contacts", lambda row: row["Student_id"] in gone)


def rename(export: Export, count: int, column: str, value: str, table: str = "users") -> None:
    for row in [row for row in export.tables[table] if row["sourcedId"].startswith("s")][:count]:
        row[column] = f"{value}"


def grow(export: Export) -> None:
    for number in range(30):
        export.add("users", sourcedId=f"x{number}", enabledUser="true", username="x", givenName="X", familyName="Y")


def shift_both(export: Export) -> None:
    export.row("users", "max")["givenName"] = "Maximilian"
    export.row("demographics", "max")["birthDate"] = "2009-01-01"


HELD: dict[str, Callable[[Export], object]] = {
    "no-students": lambda e: drop_students(e, 1.0),
    "people-leave": lambda e: drop_students(e, 0.4),
    "school-empty": lambda e: e.drop("roles", lambda r: r["role"] == "student" and r["orgSourcedId"] == "elementary"),
    "rows-leave": lambda e: e.drop("results", lambda r: r["studentSourcedId"] < "s4"),
    "growth": grow,
    "names-change": lambda e: rename(e, 9, "familyName", "Shifted"),
    "birth-dates-change": lambda e: rename(e, 9, "birthDate", "2013-01-01", "demographics"),
    "emails-change": lambda e: rename(e, 9, "email", "office@school.test"),
    "rows-bad": lambda e: rename(e, 9, "enabledUser", "perhaps"),
    "other-person": shift_both,
}


@pytest.mark.parametrize("reason", HELD)
def test_an_export_that_would_be_held_for_a_persons_word(settled: Lincoln, export: Export, reason: str) -> None:
    HELD[reason](export)
    assert refused(settled, export)[0] == reason


def test_phone_and_messages_exchanged_in_the_file_are_held(settled: Lincoln, export: Export) -> None:
    people = [row for row in export.tables["users"] if row["sourcedId"].startswith("s")][:9]
    for number, row in enumerate(people):
        row["phone"], row["sms"] = f"555 010 {number:04}", f"555 020 {number:04}"
    assert settled.send(export)["state"] == "imported"
    for row in people:
        row["phone"], row["sms"] = row["sms"], row["phone"]
    assert refused(settled, export)[0] == "values-change"


def test_a_small_change_is_not_held(settled: Lincoln, export: Export) -> None:
    for spoil in (lambda: rename(export, 1, "familyName", "Married"), lambda: drop_students(export, 0.03)):
        spoil()
        assert settled.send(export)["state"] == "imported"


def test_the_first_export_is_not_asked_what_changed_but_must_hold_students(portal: Lincoln, export: Export) -> None:
    bad = export.copy()
    drop_students(bad, 1.0)
    assert refused(portal, bad)[0] == "no-students"
    assert portal.send(export)["state"] == "imported"


@pytest.mark.parametrize("is_first", [True, False])
def test_a_table_of_which_no_row_can_be_read_is_not_imported_as_empty(portal: Lincoln, export: Export, is_first: bool) -> None:
    if not is_first:
        portal.send(export)
    for row in export.tables["academicSessions"]:
        row["startDate"] = "8/27/2026"
    receipt = portal.send(export)
    assert (receipt["state"], receipt["reason"]) == ("held", "rows-bad")
    assert {word: receipt["numbers"][word] for word in ("table", "count", "of")} == {"table": "term", "count": 2, "of": 2}


def test_the_district_chooses_its_limits(settled: Lincoln, export: Export) -> None:
    with settled.connect() as owner:
        owner.execute("""UPDATE district SET limits = '{"people_leave": 0.5, "rows_leave": 0.5, "rows_bad": 0.5}'""")
    drop_students(export, 0.4)
    assert settled.send(export)["state"] == "imported"


def test_the_signer_must_be_registered_here_and_still_be_trusted(settled: Lincoln, export: Export) -> None:
    with settled.connect() as owner:
        owner.execute("UPDATE signer SET expires_at = now() - interval '1 day'")
    assert refused(settled, export)[0] == "expired-signer"
    with settled.connect() as owner:
        owner.execute("UPDATE signer SET revoked_at = now()")
    assert refused(settled, export)[0] == "revoked-signer"
    with computer(certificate_of(KEY)) as stranger:
        stranger.make_key("Eve Stone", "--faked-system-time", LONG_AGO)
        sealed = stranger.seal(export.zip(), "-se", to=certificate_of(KEY), signer="Eve Stone")
    assert settled.import_one(settled.deliver(sealed))["reason"] == "unknown-signer"


def test_when_it_was_signed(settled: Lincoln, export: Export) -> None:
    content = export.zip()
    last = settled.signed
    for at, reason in (
        (settled.now + timedelta(minutes=30), "signed-ahead"),
        (settled.now - timedelta(days=8), "signed-long-ago"),
        (last - timedelta(hours=1), "older-than-last"),
        (last, "repeated"),
    ):
        receipt = settled.send(content, at)
        assert receipt["reason"] in (reason, "future-signature" if reason == "signed-ahead" else reason)
    assert settled.send(content, last + timedelta(minutes=1))["state"] == "imported"


def test_the_same_sealed_file_again_is_one_delivery_and_one_receipt(settled: Lincoln) -> None:
    digest = settled.sent[0]
    first = settled.receipt(digest)
    assert settled.import_one(digest) == first
    assert settled.ask("SELECT count(*) FROM delivery") == 1


SEALS: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda sealed: sealed[:-300],
    "broken-seal": lambda sealed: sealed[:-100] + bytes([sealed[-100] ^ 1]) + sealed[-99:],
    "plain-after": lambda sealed: sealed + b"nina",
    "plain": lambda _: b"sourcedId,givenName\nnina,Nina\n",
}


@pytest.mark.parametrize("reason", SEALS)
def test_a_seal_that_does_not_hold(settled: Lincoln, export: Export, reason: str) -> None:
    before = written(settled)
    receipt = settled.import_one(settled.deliver(SEALS[reason](settled.seal(export.zip()))))
    assert receipt["state"] == "refused"
    assert receipt["reason"] in (reason, "broken-seal", "truncated", "malformed")
    assert changed(before, written(settled)) == {}


def test_the_receipt_notes_armor_and_other_recipients(settled: Lincoln, export: Export) -> None:
    settled.gpg.run("--batch", "--quick-gen-key", "Copy", "future-default", "default", "1y")
    sealed = settled.seal(export.zip(), settled.signed + timedelta(minutes=1), "--armor", "-r", "Copy")
    receipt = settled.import_one(settled.deliver(sealed))
    assert receipt["state"] == "imported"
    assert [note["reason"] for note in receipt["notes"]] == ["armoured", "also-sealed-for"]


def test_no_receipt_says_anything_about_a_person(settled: Lincoln, export: Export) -> None:
    rename(export, 9, "enabledUser", "Nina-Canary")
    export.row("results", "quiz-algebra-nina")["score"] = "Canary"
    export.add("results", sourcedId="Canary one", lineItemSourcedId="Canary", studentSourcedId="nina", scoreStatus="x")
    receipt = str(settled.send(export))
    assert "rows-bad" in receipt
    assert not [word for word in ("Canary", "Nina", "Ruiz", "nina") if word in receipt]


