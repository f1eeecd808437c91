"""Counts the people whom an upgrade affects. Before it: staff who must sign in with a second factor from now on and have none. After it: contacts that
count as one person, and contacts that the office must check. No one else is signed out: cookies of the release before are read for a time."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from psycopg import Connection

from homeroom.ops.portal.moving import write_words
from homeroom.portal.place import Place

OLD_COOKIES = timedelta(days=60)  # a session lasts 30 days at most, and many people sign in once a month
IS_OLDER = "SELECT NOT EXISTS (SELECT FROM django_migrations WHERE app = 'door' AND name = '0016_reset_waits')"
FACTORS = ("passkey", "authenticator")
RULE = "must_be_strong(integer, text)"
# The rule of access/asking, as far as a release without that function can have it.
OLDER = """EXISTS (SELECT FROM administrator x WHERE x.person_id = a.person_id AND x.end_date IS NULL)
    OR EXISTS (SELECT FROM duty d WHERE d.person_id = a.person_id AND d.end_date IS NULL)
    OR EXISTS (SELECT FROM enrollment e WHERE e.person_id = a.person_id AND e.role <> 'student' AND e.ended_at IS NULL)
    OR NOT EXISTS (SELECT FROM role r WHERE r.person_id = a.person_id AND r.ended_at IS NULL AND r.role IN ('aide', 'proctor'))"""
COUNTS = """SELECT count(*),
    count(*) FILTER (WHERE EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.ended_at IS NULL AND s.expires_at > now())),
    count(*) FILTER (WHERE EXISTS (SELECT FROM administrator x WHERE x.person_id = a.person_id AND x.end_date IS NULL))
    FROM account a JOIN credential c ON c.account_id = a.id
    WHERE a.side = 'staff' AND a.is_active AND ({must})"""


def read_old_cookies(portal: Path, owner: Connection[Any], today: date) -> None:
    """Call this before the migration. The first release with door's migration 0016 is also the first whose cookies have a prefix with TLS."""
    (is_older,) = owner.execute(IS_OLDER).fetchone() or (False,)
    if is_older and Place.read(portal).is_secure:
        write_words(portal, {"old_cookies_until": (today + OLD_COOKIES).isoformat()})


@dataclass(frozen=True, slots=True)
class Without:
    """Counts of staff accounts with a credential that must have a second factor and have none. `signed_out` counts those that are signed in, and
    `administrators` those of administrators."""

    without_second_factor: int
    signed_out: int
    administrators: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)

    def told(self, slug: str) -> str:
        """Returns an empty string if no account is without one."""
        if not self.without_second_factor:
            return ""
        said = f"{self.without_second_factor} staff accounts must sign in with a second factor and have none; "
        said += f"{self.signed_out} of them are signed in, and will be signed out. Each needs a printed one-use code, from the page Sign-in codes of an office"
        if self.administrators:
            said += f'; {self.administrators} are administrators, whose codes you print: homeroom account code {slug} --administrator "First Family"'
        return said + "."


def without_factor(owner: Connection[Any]) -> Without:
    """Works with a database of any release."""
    (rule,) = owner.execute("SELECT to_regprocedure(%s) IS NOT NULL", [RULE]).fetchone() or (False,)
    must = "must_be_strong(a.person_id, a.side)" if rule else OLDER
    for table in FACTORS:
        (is_there,) = owner.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone() or (False,)
        if is_there:
            must = f"({must}) AND NOT EXISTS (SELECT FROM {table} f WHERE f.account_id = a.id)"
    return Without(*(owner.execute(COUNTS.format(must=must).encode()).fetchone() or (0, 0, 0)))


# Current rows, with their person. An adult counts as joined if an office, a code or an address joined them with a contact.
CONTACTS = """WITH kept AS (SELECT c, c.id, c.student_id, p.one, name_words(name_of_contact(c)) AS name
        FROM people_of_contacts(ARRAY(SELECT DISTINCT student_id FROM contact WHERE ended_at IS NULL)) p
            JOIN contact c ON c.id = p.contact AND c.ended_at IS NULL),
    people AS (SELECT count(*) AS rows FROM kept GROUP BY one HAVING count(*) > 1)
    SELECT (SELECT count(*) FROM people), (SELECT coalesce(sum(rows), 0)::integer FROM people),
        (SELECT count(DISTINCT person_id) FROM contact_join WHERE ended_at IS NULL),
        (SELECT count(DISTINCT k.one) FROM kept k JOIN kept o ON o.student_id = k.student_id AND o.name = k.name AND o.one <> k.one
            WHERE k.name <> '' AND (address_of_contact(k.c) <> '' AND address_of_contact(k.c) = address_of_contact(o.c)
                OR phone_end((k.c).phone) = phone_end((o.c).phone))),
        (SELECT count(DISTINCT t.id) FROM tie t JOIN person a ON a.id = t.adult_id JOIN kept k ON k.student_id = t.student_id
                AND k.name = name_words(a.given_name || ' ' || a.family_name)
            WHERE t.state <> 'ended' AND t.kind <> 'tutor' AND NOT EXISTS (SELECT contacts_of_adult(t.adult_id, t.student_id)))"""


@dataclass(frozen=True, slots=True)
class Contacts:
    """`people` had several contacts, and have one now. `contacts` is the number of those contacts. `adults` were joined with a contact by an office, a
    code or an address. The rest is left for the office. `alike` have the name and the phone or address of another contact. `apart` are adults with access
    who have the name of a contact that they are not joined with."""

    people: int
    contacts: int
    adults: int
    alike: int
    apart: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)

    def told(self) -> str:
        """Returns only numbers, or an empty string if there is nothing to report."""
        said = []
        if self.people:
            said.append(f"{self.contacts} contacts are {self.people} people now, each with one line on every list and one letter.")
        if self.adults:
            said.append(f"{self.adults} adults are joined with their contact, by a letter's code, the record's own address, or an office.")
        if self.alike or self.apart:
            said.append(
                f"Left for the office: {self.alike} contacts that look like another one, and {self.apart} adults with access who have the name of a "
                "contact. The page Letters to families marks contacts without access, and administrators join people on a student's page, "
                "under Access and restrictions."
            )
        if said:
            said.append("The next import reads contacts.csv again and joins what has the same Contact_sis_id.")
        return " ".join(said)


def contacts_joined(owner: Connection[Any]) -> Contacts:
    """Reads a database of this release."""
    return Contacts(*(owner.execute(CONTACTS.encode()).fetchone() or (0,) * 5))
