"""Contact rows in tests: several of one person, and a father and son who share name, phone and address."""

from typing import Any

from homeroom.portal.letters import code
from homeroom.portal.membership.requests.tests.registering import EVERYTHING, looked, match, newest, office_of, register
from homeroom.portal.membership.tests.acting import ask, listed
from tests.cast import identity
from tests.school import School

ROW = """INSERT INTO contact (uuid, sourced_id, student_id, person_id, name, relationship, kind, phone, email, sis_id, delivery_id, is_confidential)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, max(id), %s FROM delivery"""
LINES = """SELECT coalesce(jsonb_agg(jsonb_build_array(name, relation) ORDER BY contact), '[]') FROM contacts_for_letters(%s) WHERE child = 'Nina Ruiz'"""
ANSWER = "SELECT answer_registration(%s, 'approved', %s, %s, %s, %s)"
HOUSE = {"phone": "555 010 0142", "email": "marquez@mail.example"}
SALVADOR = "Salvador Márquez"


def row(school: School, key: str, child: str = "nina", /, **said: Any) -> None:
    """`key` is the row's key, and its UUID is identity(key). `person` is in the cast."""
    person = school.ids[said["person"]] if "person" in said else None
    words = [said.get(each, "") for each in ("name", "relation", "kind", "phone", "email", "sis_id")]
    school.change(ROW, identity(key), key, school.ids[child], person, *words, said.get("is_confidential", False))


def ana_three_times(school: School) -> None:
    """Ana, Nina's mother: users.csv has her as an agent, and contacts.csv has her with two phones. The cast's own row is removed."""
    school.change("DELETE FROM contact WHERE sourced_id = 'contact/ana/nina'")
    row(school, "agent|nina|ana", person="ana", kind="agent", relation="parent")
    row(school, "ana/cell", person="ana", sis_id="ana", name="Ana Ruiz", relation="Mother", phone="555 010 0100", email="ana@mail.example")
    row(school, "ana/work", person="ana", sis_id="ana", name="Ana Ruiz", relation="mother", phone="555 010 0101")


def father_and_son(school: School, **also: Any) -> None:
    """Nina's grandfather and uncle, who live together. `also` changes the son's row."""
    row(school, "salvador/father", name=SALVADOR, relation="Grandfather", **HOUSE)
    row(school, "salvador/son", **{"name": SALVADOR, "relation": "Uncle", **HOUSE} | also)


def empty_record(school: School) -> School:
    """No one has access to Nina's record, and it has no contacts. The last file is 20 days old."""
    office_of(school)
    school.change("UPDATE delivery SET ended_at = now() - interval '20 days'")
    school.change("UPDATE tie SET state = 'ended', adult_id = %s WHERE student_id = %s", school.ids["bo"], school.ids["nina"])
    school.change("DELETE FROM contact WHERE student_id = %s", school.ids["nina"])
    school.change("DELETE FROM account_mail")
    return school


def lines(school: School) -> Any:
    """Returns name and relation of each row about Nina on the page of letters."""
    return listed(school, "rosa", "letters", LINES, [identity("middle")], subject=identity("middle"))


def prints(school: School, key: str) -> str:
    """Returns the code of a letter to this contact, as a form sends it."""
    digest = code.digest(code.new_code())
    assert ask(school, "rosa", "SELECT print_letters(%s, %s, 'post')", [[identity(key)], [digest]]) is not None
    return digest.hex()


def salvador(school: School, **claim: Any) -> None:
    """Salvador Márquez registers, and asks for Nina as her father."""
    register(school, "salvador", "Salvador", "Márquez", relation="father", **claim)
    match(school)


def approves(school: School, contact: str | None = None, how: str = "photo id", about: str = "nina") -> str:
    """Rosa approves the newest request after a view."""
    which = newest(school)["uuid"]
    values = [which, identity(about), how, EVERYTHING, identity(contact) if contact else None]
    return str(looked(school, "rosa", "request", which, ANSWER, *values))


def is_on_record(school: School, who: str) -> bool:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT is_on_record(%s, %s)", [school.ids[who], school.ids["nina"]]).fetchone()
    return bool(row and row[0])


def joins(school: School) -> list[tuple[Any, ...]]:
    with school.connect("owner") as owner:
        return owner.execute("""SELECT c.sourced_id, j.person_id, j.how FROM contact_join j JOIN contact c ON c.id = j.contact_id
            WHERE j.ended_at IS NULL ORDER BY j.id""").fetchall()  # fmt: skip
