"""manifest.csv: what Lincoln says it sends, compared with what the ZIP has."""

from datetime import date

import pytest

from homeroom.formats.manifest import Manifest, Mode, read_manifest
from homeroom.formats.package import open_package
from homeroom.formats.reasons import Note, PackageRefused, Reason
from homeroom.formats.tests.exports import lincoln, manifest_of, zip_of


def manifest(**members: str | bytes) -> Manifest:
    named = {name.replace("_", "."): text for name, text in members.items()}
    return read_manifest(open_package(zip_of({**lincoln(), **named})))


def refusal(**members: str | bytes) -> tuple[Reason, str | None]:
    with pytest.raises(PackageRefused) as refused:
        manifest(**members)
    return refused.value.reason, refused.value.file


def files(found: Manifest) -> dict[str, Mode]:
    return {listed.table.stem: listed.mode for listed in found.files}


def test_lincolns_own_says_nothing_but_the_files():
    assert files(manifest()) == {"users": Mode.BULK}
    assert manifest().version == "1.2"
    assert manifest().notes == ()


def test_attendance_and_contacts_need_no_line_and_come_last():
    found = manifest(attendance_csv="x", contacts_csv="x", orgs_csv="x", manifest_csv=manifest_of("users", "orgs"))
    assert list(files(found)) == ["orgs", "users", "attendance", "contacts"]


def test_a_package_without_one_is_refused():
    with pytest.raises(PackageRefused) as refused:
        read_manifest(open_package(zip_of({"users.csv": "x"})))
    assert refused.value.reason is Reason.MANIFEST_MISSING


@pytest.mark.parametrize(
    "text",
    [
        "",
        "file.users,bulk\r\n",
        "propertyName\r\nfile.users\r\n",
        'propertyName,value\r\n"manifest.version,1.0\r\n',
        "propertyName,value\r\nmanifest.version\r\n",
        "propertyName,value\r\n" + "".join(f"{number * 7919 % 1000003}\r\n" for number in range(200_000)),
    ],
)
def test_one_that_cannot_be_read_is_refused(text):
    assert refusal(manifest_csv=text) == (Reason.MANIFEST_UNREADABLE, "manifest.csv")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("propertyName,value\r\n".encode("utf-16"), Reason.UTF16),
        ("propertyName;value\r\nmanifest.version;1.0\r\n", Reason.SEPARATOR),
        ('"propertyName"\t"value"\r\n', Reason.SEPARATOR),
    ],
)
def test_a_manifest_in_another_format_is_refused_with_the_reason(text, reason):
    assert refusal(manifest_csv=text) == (reason, "manifest.csv")


def test_the_same_property_twice_is_refused():
    assert refusal(manifest_csv=manifest_of("users") + "file.users,absent\r\n")[0] is Reason.MANIFEST_DOUBLED


def test_the_star_of_the_specification_is_taken_off():
    text = manifest_of("users", "roles").replace("file.roles,", "file.roles*,")
    assert files(manifest(manifest_csv=text, roles_csv="x")) == {"users": Mode.BULK, "roles": Mode.BULK}


@pytest.mark.parametrize(("version", "read"), [("1.2", "1.2"), ("1.2.1", "1.2"), ("1.1", "1.1"), ("v1.1.1", "1.1")])
def test_both_versions_are_known(version, read):
    assert manifest(manifest_csv=manifest_of("users", version=version)).version == read


def test_another_version_or_none_is_refused():
    assert refusal(manifest_csv=manifest_of("users", version="2.0"))[0] is Reason.VERSION_UNKNOWN
    assert refusal(manifest_csv=manifest_of("users", version=""))[0] is Reason.VERSION_MISSING


def test_a_file_that_is_listed_and_not_there_is_named():
    assert refusal(manifest_csv=manifest_of("users", "results")) == (Reason.FILE_MISSING, "results.csv")


def test_an_unknown_mode_is_refused():
    assert refusal(manifest_csv=manifest_of(users="full"))[0] is Reason.MANIFEST_MODE


@pytest.mark.parametrize("may_propose", [True, False])
def test_clever_files_are_refused_as_clever_files(may_propose):
    package = open_package(zip_of({"students.csv": "Student_id\r\n", "sections.csv": "Section_id\r\n", "enrollments.csv": "Student_id\r\n"}))
    with pytest.raises(PackageRefused) as refused:
        read_manifest(package, may_propose=may_propose)
    assert refused.value.reason is Reason.CLEVER_FILES


def test_a_zip_without_a_manifest_is_proposed_as_bulk_of_what_is_there():
    members = {name: text for name, text in lincoln().items() if name != "manifest.csv"}
    proposed = read_manifest(open_package(zip_of(members)), may_propose=True)
    assert {f"{stem}.csv" for stem in files(proposed)} <= members.keys() and set(files(proposed).values()) == {Mode.BULK}
    assert proposed.version == ("1.2" if "roles.csv" in members else "1.1") and Note(Reason.MANIFEST_PROPOSED, "manifest.csv") in proposed.notes
    with pytest.raises(PackageRefused):
        read_manifest(open_package(zip_of(members)))


def test_the_days_of_attendance_are_read():
    text = manifest_of("users") + "attendance.firstDay,2026-08-24\r\nattendance.lastDay,2026-11-25\r\n"
    assert manifest(manifest_csv=text).days == (date(2026, 8, 24), date(2026, 11, 25))
    assert manifest(manifest_csv=manifest_of("users") + "attendance.lastDay,\r\n").days == (None, None)


@pytest.mark.parametrize("days", ["firstDay,8/24/2026", "firstDay,2026-02-30", "lastDay,soon", "firstDay,2026-11-25\r\nattendance.lastDay,2026-08-24"])
def test_days_of_attendance_that_cannot_be_read_refuse_the_file(days):
    assert refusal(manifest_csv=manifest_of("users") + f"attendance.{days}\r\n")[0] is Reason.MANIFEST_DAYS


def test_a_delta_is_recognized():
    assert files(manifest(manifest_csv=manifest_of(users="Delta"))) == {"users": Mode.DELTA}


def test_a_file_that_the_manifest_calls_absent_is_not_opened():
    found = manifest(orgs_csv="x")
    assert "orgs" not in files(found)
    assert found.notes == (Note(Reason.FILE_NOT_LISTED, "orgs.csv"),)


def test_a_file_with_passwords_is_never_opened_even_when_it_is_listed():
    found = manifest(userProfiles_csv="x", manifest_csv=manifest_of("users", "userProfiles"))
    assert "userProfiles" not in files(found)


def test_oddities_are_noted_and_strange_names_not_repeated():
    text = (
        manifest_of("users").replace("manifest.version,1.0", "manifest.version,2").replace("file.orgs,absent\r\n", "")
    )
    found = manifest(manifest_csv=text + "nina.ruiz,7\r\n", Nina_csv="x")
    assert set(found.notes) == {
        Note(Reason.MANIFEST_VERSION, "manifest.csv"),
        Note(Reason.MANIFEST_PROPERTY, "manifest.csv"),
        Note(Reason.MANIFEST_INCOMPLETE, "orgs.csv"),
        Note(Reason.FILE_UNKNOWN),
    }
    assert "ina" not in str(found.notes).replace("combination", "")


def test_other_capitals_in_a_files_name_are_read():
    content = {name: text for name, text in lincoln().items() if name != "users.csv"} | {"USERS.CSV": "x"}
    found = read_manifest(open_package(zip_of(content)))
    assert files(found) == {"users": Mode.BULK}
    assert found.notes == (Note(Reason.FILE_NAME_CASE, "users.csv"),)
