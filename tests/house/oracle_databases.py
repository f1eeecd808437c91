"""Four databases of one district that differ only in rows that a caller may not see, and the callers.

`plain` has the hidden rows about Ada North. In the others, some of these rows are about someone else. There is no other difference.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from tests.cast import HERE
from tests.database import Server
from tests.house.oracle import Caller, Pair
from tests.house.oracle_rows import Hidden
from tests.school import School, proof_of

# Database: the student of scores, absences, birth dates and phones, and the student of ties, requests, restrictions and the rest.
ABOUT = {"plain": ("ada", "ada"), "stranger": ("kai", "kai"), "school": ("kai", "abe"), "district": ("kai", "ada")}
# Privileges in pg_catalog that the portal takes away on its own cluster. A district's server may still have them.
TAKEN_AWAY = """SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proacl IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_init_privs i WHERE i.objoid = p.oid AND i.classoid = 'pg_proc'::regclass)"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Someone with the login app and this person's running proof. `view` is what a committed view opens for them. `other` names the database that differs in
    nothing they may see.
    """

    person: str
    side: str = ""
    view: tuple[str, str] | None = None
    other: str = "stranger"

    def __str__(self) -> str:
        return f"{self.person} ({self.side})" if self.side else self.person

    @property
    def own(self) -> str:
        """Returns a student that this person may view as family or student, or ''."""
        return self.view[1] if self.view and self.side in ("family", "student") else ""

    @property
    def proof(self) -> str:
        return proof_of(self.person, self.side).hex() if self.side else "00"


NOBODY = Asker("nobody")
ASKERS = (
    Asker("ana", "family", ("child", "nina")), Asker("nina", "student", ("child", "nina")), Asker("dee", "family", ("child", "max")),
    Asker("tia", "family", ("child", "nina")), Asker("lou", "family"), Asker("bo", "staff", ("gradebook", "algebra")),
    Asker("pat", "staff", ("child", "nina"), other="school"), Asker("rosa", "staff", ("child", "nina"), other="school"),
    Asker("carl", "staff", ("adults", "nina"), other="district"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Databases:
    schools: dict[str, School]
    views: dict[str, int]

    @property
    def plain(self) -> School:
        return self.schools["plain"]

    def vacuum(self) -> None:
        """Removes what rolled-back calls left. The askers' pairs differ, so one database has more of it than another."""
        for school in self.schools.values():
            with school.server.connect("postgres", school.database, autocommit=True) as admin:
                admin.execute("VACUUM")

    @contextmanager
    def asked_by(self, asker: Asker, *, with_view: bool = False) -> Iterator[tuple[Pair, list[str]]]:
        """Yields the two databases to compare, and what is set before each call. A person who has a view may see how much of it was read."""
        blind = r"Buffers:|WAL:|Planning:$" if with_view else "^$"
        pair = Pair((Caller(self.plain), Caller(self.schools[asker.other])), blind)
        view = str(self.views[asker.person]) if with_view else ""
        claim = [f"SET LOCAL homeroom.proof = '{asker.proof}'", f"SET LOCAL homeroom.look = '{view}'"]
        try:
            yield pair, claim if asker.side else []
        finally:
            pair.close()


def four_databases(server: Server, template: tuple[str, dict[str, int]]) -> Iterator[Databases]:
    now = datetime.now(HERE)
    schools = {}
    with ExitStack() as clones:
        for name, (records, access) in ABOUT.items():
            clones.enter_context(server.clone(template[0], f"oracle_{name}"))
            with server.connect("owner", f"oracle_{name}") as owner:
                ids = Hidden(owner, template[1], now).write(records, access)
            schools[name] = School(server, f"oracle_{name}", ids)
            give_back(server, f"oracle_{name}")
        yield Databases(schools, written_views(schools, now))


def view_of(school: School, asker: Asker) -> int:
    """Writes and commits this person's view, and returns its number."""
    act, subject = asker.view or ("", "")
    with school.connect("app", autocommit=True) as app:
        return int((app.execute("SELECT look(%s, %s, %s)", [bytes.fromhex(asker.proof), act, school.uuid(subject)]).fetchone() or (0,))[0])


def claim_of(asker: Asker, view: int) -> str:
    return f"SELECT set_config('homeroom.proof', '{asker.proof}', true), set_config('homeroom.look', '{view}', true)"


def give_back(server: Server, database: str) -> None:
    """Grants what PostgreSQL lets everyone do by default, so that no answer depends on the portal taking it away. Function calls are counted, too."""
    with server.connect("postgres", database, autocommit=True) as admin:
        for (function,) in admin.execute(TAKEN_AWAY).fetchall():
            admin.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO PUBLIC").format(sql.SQL(function)))
        admin.execute("GRANT SELECT ON pg_class TO PUBLIC")
        admin.execute(sql.SQL("ALTER DATABASE {} SET track_functions = 'all'").format(sql.Identifier(database)))


def written_views(schools: dict[str, School], now: datetime) -> dict[str, int]:
    """Commits each asker's view in every database, in the same order and with the same time, and keeps it open for 2 hours."""
    views: dict[str, int] = {}
    for school in schools.values():
        for asker in ASKERS:
            if asker.view:
                number = view_of(school, asker)
                assert number > 0 and views.setdefault(asker.person, number) == number
        with school.connect("owner", autocommit=True) as owner:
            owner.execute("UPDATE ledger SET at = %s WHERE event = 'look'", [now])
            owner.execute("UPDATE ledger_student SET at = %s WHERE at > %s", [now, now])
            owner.execute("UPDATE view_day SET last_at = %s", [now])
            owner.execute("UPDATE opening SET until = now() + interval '2 hours'")
            for (table,) in owner.execute("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'").fetchall():
                owner.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.SQL(table)))
    return views
