"""An import gives no one power. Whatever a file says, people's decisions about who may see what stay."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from homeroom.formats.oneroster import ROLES, SEATS
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln, lincoln
from homeroom.portal.intake.tests.signed_in import (
    PERSON,
    gradebook_of,
    make_administrator,
    page_of,
    pages,
    sign_in,
    tie,
)
from homeroom.portal.intake.tests.unsealed import Unsealed, unsealed
from homeroom.seal.tests.gpg import Gpg
from tests.browser import Browser
from tests.database import Server
from tests.school import proof_of

POWER = (
    "account", "credential", "session", "administrator", "duty", "tie", "restriction", "sign_in_try", "wrong_password", "district", "signer", "attendance_code",
    "unread_column",
)  # fmt: skip
HATS = (("ana", "family"), ("dee", "family"), ("nina", "student"), ("carl", "staff"), ("bo", "staff"), ("ruth", "staff"), ("ruth", "family"))
NO_LIMIT = '{"people_leave": 1, "rows_leave": 1, "growth": 1, "changed": 1, "rows_bad": 1, "few": 100000}'
PEOPLE = ("nina", "leo", "max", "ana", "dee", "bo", "carl", "s0", "s1")


@contextmanager
def settled_with_power(postgres: Server, template: str, carl: Gpg) -> Iterator[Unsealed]:
    """Carl and Ruth are administrators, Ana and Ruth are mothers, Dee is restricted from Max, and Bo is a counselor. No limit puts a file on hold."""
    with lincoln(postgres, template, carl) as portal, unsealed(portal) as nights:
        assert nights.send(Export())["state"] == "imported"
        with portal.connect() as owner:
            owner.execute("INSERT INTO person (given_name, family_name) VALUES ('Ruth', 'Adler')")  # in no file
            owner.execute("UPDATE person SET sourced_id = 'ruth' WHERE given_name = 'Ruth'")
            owner.execute("UPDATE district SET limits = %s", [NO_LIMIT])
        for person, side in HATS:
            sign_in(portal, person, side)
        for adult, student in (("ana", "nina"), ("ana", "leo"), ("dee", "max"), ("ruth", "max")):
            tie(portal, adult, student)
        make_administrator(portal, "carl")
        make_administrator(portal, "ruth")
        with portal.connect() as owner:
            owner.execute(
                "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)"
                f" VALUES (gen_random_uuid(), {PERSON}, {PERSON}, 'order', '2025-01-01')",
                ["dee", "max"],
            )
            owner.execute(
                "INSERT INTO duty (person_id, school_id, duty, start_date)"
                f" SELECT {PERSON}, id, 'counselor', '2025-01-01' FROM school WHERE sourced_id = 'middle'",
                ["bo"],
            )
            owner.execute("UPDATE person SET sourced_id = NULL WHERE given_name = 'Ruth'")
        yield nights


@pytest.fixture
def powerful(postgres: Server, empty_template: str, carl: Gpg) -> Iterator[Unsealed]:
    with settled_with_power(postgres, empty_template, carl) as nights:
        yield nights


def powers(portal: Lincoln) -> dict[str, object]:
    """Returns a digest of each table that gives power, including the transaction that last wrote each row."""
    digest = "SELECT count(*), md5(string_agg(xmin::text || t::text, '|' ORDER BY t::text)) FROM {} t"
    return {table: portal.ask(digest.format(table)) for table in POWER}


def open_doors(portal: Lincoln) -> dict[str, set[str]]:
    """Returns active accounts and running sessions, each with the transaction that last wrote it."""
    return {
        "account": set(portal.ask("SELECT array_agg(xmin::text || t::text) FROM account t WHERE is_active")),
        "session": set(portal.ask("SELECT array_agg(xmin::text || t::text) FROM session t WHERE ended_at IS NULL")),
    }


def shut(portal: Lincoln) -> set[tuple[str, str]]:
    """Returns staff whose account a file closed with their last role. A file may do only that."""
    names = portal.ask("SELECT coalesce(array_agg(sign_in_name), '{}') FROM account WHERE NOT is_active AND side = 'staff'")
    return {(name.removesuffix(".staff"), "staff") for name in names}


OPENED = """SELECT ARRAY(SELECT DISTINCT id FROM students_shown(%(uuids)s, '-infinity')),
    ARRAY(SELECT DISTINCT student_id FROM seats_shown(%(students)s, timezone('PST8PDT', now())::date)),
    ARRAY(SELECT DISTINCT student_id FROM marks_shown(%(students)s, '-infinity', 'infinity'))"""


def reach(portal: Lincoln) -> dict[tuple[str, str], object]:
    """Returns what the database says about each role: the person, offices, duties, and the records that a view of home opens. None means no one."""
    found: dict[tuple[str, str], object] = {}
    students, uuids = portal.ask("SELECT array_agg(id ORDER BY id), array_agg(uuid ORDER BY id) FROM person")
    for person, side in HATS:
        proof = proof_of(person, side)
        with portal.connect("app") as app:
            look = app.execute("SELECT look(%s, 'home', NULL)", [proof]).fetchone()
            app.commit()
            answer = app.execute("SELECT begin_request(%s, %s)", [proof, (look and look[0]) or None]).fetchone()
            opened = app.execute(OPENED, {"students": students, "uuids": uuids}).fetchone()
            found[person, side] = answer and answer[0] and (
                answer[0]["person_id"], answer[0]["is_administrator"], answer[0]["duties"], sorted(c["uuid"] for c in answer[0]["children"]),
                opened and [sorted(kind) for kind in opened],
            )  # fmt: skip
    return found


@st.composite
def meddled(draw: st.DrawFn) -> Export:
    """Draws last night's export with invented roles, names, addresses, agents, contacts and enrollments."""
    export, people = Export(), st.sampled_from(PEOPLE)
    for number in range(draw(st.integers(0, 6))):
        export.add("roles", sourcedId=f"made-up-{number}", userSourcedId=draw(people), roleType=draw(st.sampled_from(["primary", "secondary"])),
                   role=draw(st.sampled_from(ROLES)), orgSourcedId=draw(st.sampled_from(["district", "middle", "elementary"])))  # fmt: skip
    for person in draw(st.lists(people, max_size=4, unique=True)):
        export.row("roles", f"role-{person}")["role"] = draw(st.sampled_from(ROLES))
    for person in draw(st.lists(people, max_size=4, unique=True)):
        other = draw(people)
        words = {"givenName": "Carl", "familyName": "Webb", "email": f"{other}.staff", "username": f"{other}.family", "userIds": f"{{Fed:{other}}}"}
        export.row("users", person).update({name: words[name] for name in draw(st.lists(st.sampled_from(sorted(words)), unique=True))})
    for person in draw(st.lists(people, max_size=3, unique=True)):
        export.row("users", person).update(agentSourcedIds=draw(people), enabledUser=draw(st.sampled_from(["true", "false"])))
    for number in range(draw(st.integers(0, 4))):
        export.add("contacts", Student_id=draw(people), Contact_sis_id=draw(people), Contact_name="Made Up", Contact_type=f"guardian {number}",
                   Contact_relationship=draw(st.sampled_from(["mother", "legal guardian", "administrator"])))  # fmt: skip
    for number in range(draw(st.integers(0, 4))):
        export.add("enrollments", sourcedId=f"seat-{number}", classSourcedId=draw(st.sampled_from(["algebra", "reading"])),
                   userSourcedId=draw(st.sampled_from(["s0", "s1", "max"])), schoolSourcedId="middle", role=draw(st.sampled_from(SEATS)))  # fmt: skip
    gone = draw(st.lists(st.sampled_from(["ana", "dee", "carl", "max"]), max_size=2, unique=True))
    for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId"), ("contacts", "Student_id")):
        export.drop(stem, lambda row, column=column: row.get(column) in gone)  # type: ignore[misc]
    return export


def test_whatever_roles_names_and_contacts_a_file_makes_up_no_power_moves(postgres: Server, empty_template: str, carl: Gpg) -> None:
    """Sends 25 files to one portal, each on top of the earlier ones. Failing examples are not shrunk."""
    with settled_with_power(postgres, empty_template, carl) as nights:
        reach_before = reach(nights.portal)

        @settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
        @given(meddled())
        def changes_nothing(export: Export) -> None:
            # Read before each file, because `reach` may renew a session's last-seen time.
            powers_before, doors_before = powers(nights.portal), open_doors(nights.portal)
            receipt = nights.send(export)
            if receipt["state"] == "held":  # a file gave the district's office a student, and the next one removes her
                receipt = nights.decide(nights.portal.sent[-1], "approve")
            assert receipt["state"] == "imported", receipt["sentence"]
            closed = shut(nights.portal)
            assert {table: digest for table, digest in powers(nights.portal).items() if not (closed and table in doors_before)} == {
                table: digest for table, digest in powers_before.items() if not (closed and table in doors_before)
            }
            assert all(rows <= doors_before[table] for table, rows in open_doors(nights.portal).items()), "a file opened an account or a session"
            assert reach(nights.portal) == {hat: None if hat in closed else seen for hat, seen in reach_before.items()}

        changes_nothing()
        assert nights.portal.ask("SELECT count(*) FROM role WHERE sourced_id LIKE 'made-up-%%'") > 0


@pytest.mark.parametrize("role", ["districtAdministrator", "siteAdministrator", "systemAdministrator", "principal", "counselor"])
def test_an_office_in_the_file_opens_no_page_of_an_office(powerful: Unsealed, role: str) -> None:
    export = Export()
    for person, school in (("bo", "district"), ("ana", "middle")):
        export.row("roles", f"role-{person}").update(role=role, orgSourcedId=school)
    assert powerful.send(export)["state"] == "imported"
    assert powerful.portal.ask("SELECT role FROM role WHERE sourced_id = 'role-ana'") == role
    with pages(powerful.portal):
        assert Browser("carl", "staff").open("/imports").status == 200
        assert [Browser(*hat).open("/imports").status for hat in (("bo", "staff"), ("ana", "family"))] == [404, 404]
        assert Browser("ana").open(gradebook_of(powerful.portal, "english")).status == 404
        assert Browser("ana").open(page_of(powerful.portal, "max")).status == 404


def test_a_guardian_in_the_file_sees_nothing_of_the_child_and_a_restricted_one_stays_restricted(powerful: Unsealed) -> None:
    export = Export()
    export.row("users", "nina")["agentSourcedIds"] = "ana,dee"
    export.row("users", "max")["agentSourcedIds"] = "dee,ana"
    export.row("roles", "role-dee")["role"] = "guardian"
    for adult, child in (("dee", "nina"), ("dee", "max"), ("ana", "max")):
        export.add("contacts", Student_id=child, Contact_sis_id=adult, Contact_name="Guardian", Contact_relationship="legal guardian")
    assert powerful.send(export)["state"] == "imported"
    with pages(powerful.portal):
        for adult, child, status in (("ana", "nina", 200), ("dee", "nina", 404), ("dee", "max", 404), ("ana", "max", 404), ("ruth", "max", 200)):
            assert Browser(adult).open(page_of(powerful.portal, child)).status == status, (adult, child)


def test_an_address_in_use_is_no_files_to_change(powerful: Unsealed) -> None:
    """A stranger with Ana's name and address doesn't become Ana. Only the district's key tells people apart."""
    export = Export()
    export.row("users", "ana").update(email="someone@elsewhere.test", username="dee.family", givenName="Dee", familyName="Moss")
    export.add("users", sourcedId="stranger", enabledUser="true", username="ana.family", givenName="Ana", familyName="Ruiz", email="ana@home.test")
    export.add("roles", sourcedId="role-stranger", userSourcedId="stranger", roleType="primary", role="parent", orgSourcedId="middle")
    before = powers(powerful.portal)
    assert powerful.send(export)["state"] == "imported"
    assert powers(powerful.portal) == before
    assert powerful.portal.ask("SELECT sign_in_name FROM account a JOIN person p ON p.id = a.person_id WHERE p.sourced_id = 'ana'") == "ana.family"
    assert powerful.portal.ask("SELECT count(*) FROM tie t JOIN person p ON p.id = t.adult_id WHERE p.sourced_id = 'stranger'") == 0


def test_an_administrator_the_file_leaves_out_or_disables_stays_an_administrator(powerful: Unsealed) -> None:
    """Otherwise the author of the file could remove the people who watch it."""
    export = Export()
    export.drop("users", lambda row: row["sourcedId"] == "carl")
    export.drop("roles", lambda row: row["userSourcedId"] == "carl")
    assert powerful.send(export)["state"] == "imported"
    assert powerful.portal.ask("SELECT ended_at IS NOT NULL FROM person WHERE sourced_id = 'carl'") is True
    with pages(powerful.portal):
        assert Browser("carl", "staff").open("/imports").status == 200
        assert Browser("ruth", "staff").open("/imports").status == 200
