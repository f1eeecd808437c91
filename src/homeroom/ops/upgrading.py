"""What an upgrade will mean to people, told before it is done: staff who sign in with a second factor from now on, and have none."""

from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection

FACTORS = ("passkey", "authenticator")
RULE = "must_be_strong(integer, text)"
# The rule of access/asking as far as a release can have it that has no such function.
OLDER = """EXISTS (SELECT FROM administrator x WHERE x.person_id = a.person_id AND x.end_date IS NULL)
    OR EXISTS (SELECT FROM duty d WHERE d.person_id = a.person_id AND d.end_date IS NULL)
    OR EXISTS (SELECT FROM enrollment e WHERE e.person_id = a.person_id AND e.role <> 'student' AND e.ended_at IS NULL)
    OR NOT EXISTS (SELECT FROM role r WHERE r.person_id = a.person_id AND r.ended_at IS NULL AND r.role IN ('aide', 'proctor'))"""
COUNTS = """SELECT count(*),
    count(*) FILTER (WHERE EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.ended_at IS NULL AND s.expires_at > now())),
    count(*) FILTER (WHERE EXISTS (SELECT FROM administrator x WHERE x.person_id = a.person_id AND x.end_date IS NULL))
    FROM account a JOIN credential c ON c.account_id = a.id
    WHERE a.side = 'staff' AND a.is_active AND ({must})"""


@dataclass(frozen=True, slots=True)
class Without:
    """Awake staff accounts that must have a second factor and have none; of them who is signed in, and who is an administrator."""

    without_second_factor: int
    signed_out: int
    administrators: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)

    def told(self, slug: str) -> str:
        """Empty where nobody is without."""
        if not self.without_second_factor:
            return ""
        said = f"{self.without_second_factor} staff accounts must sign in with a second factor and have none; "
        said += f"{self.signed_out} of them are signed in, and will be signed out. Each needs a printed one-use code, from the page Sign-in codes of an office"
        if self.administrators:
            said += f'; {self.administrators} are administrators, whose codes you print: homeroom account code {slug} --administrator "First Family"'
        return said + "."


def without_factor(owner: Connection[Any]) -> Without:
    """Of whatever release the database is."""
    (rule,) = owner.execute("SELECT to_regprocedure(%s) IS NOT NULL", [RULE]).fetchone() or (False,)
    must = "must_be_strong(a.person_id, a.side)" if rule else OLDER
    for table in FACTORS:
        (is_there,) = owner.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone() or (False,)
        if is_there:
            must = f"({must}) AND NOT EXISTS (SELECT FROM {table} f WHERE f.account_id = a.id)"
    return Without(*(owner.execute(COUNTS.format(must=must).encode()).fetchone() or (0, 0, 0)))
