"""Each rule by itself: what every function that only reads and that no login may call answers about the casts, asked by several roles.

As with the variants, files keep the answers (rules/), and HOMEROOM_ACCEPT=1 writes them anew. A line says who asks, what is answered, and for what.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from tests.house import floors
from tests.house.expected_ties import DAY
from tests.house.matrix_school import MatrixSchool
from tests.house.shown import Shown, kept_differences

FOLDER = Path(__file__).parent / "rules"
FUNCTIONS = """SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), coalesce(p.proargnames[1:p.pronargs], '{}'),
        p.pronargdefaults, p.prorettype::regtype::text, p.proretset
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.provolatile <> 'v' AND NOT starts_with(p.proname, 'probe_')
        AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner) ORDER BY 1, 2"""
# table → the column that names a row
ROWS = """SELECT c.relname, (SELECT a.attname FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indkey[0] = a.attnum
        WHERE a.attrelid = c.oid AND (a.attname = 'uuid' OR i.indrelid IS NOT NULL) ORDER BY a.attname = 'uuid' DESC LIMIT 1)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"""
OF_NO_RULE = {"asking_key", "session_handle"}  # they answer secrets
ASKERS = """ada/staff ana/family bo/staff carl/staff carl/stale dana/family fay/staff hal/student ivy/student nina/student pat/staff rosa/staff ruth/staff
    ted/staff tia/family uma/weak""".split()
ASKING = {"asking", "asking_key", "asking_look", "asking_side", "viewed"}  # what answers differently to each
MOST = 1500  # characters of a line; the rest of a longer one is kept as a digest

# What arguments are given, by their names: values and what they are called.
PEOPLE, STUDENTS = "SELECT id, uuid::text FROM person", "SELECT id, uuid::text FROM person WHERE is_student"
INTEGERS = {
    **dict.fromkeys("who adult by_whom me viewer".split(), PEOPLE),
    **dict.fromkeys("student child subject about".split(), STUDENTS),
    **dict.fromkeys("of_school school".split(), "SELECT id, uuid::text FROM school"),
    "class": "SELECT id, uuid::text FROM section",
    "n": "SELECT n, n FROM generate_series(1, 3) n",
    "tutoring": "SELECT id, uuid::text FROM tie",
    **dict.fromkeys(("of_delivery", "delivery"), "SELECT id, id FROM delivery"),
    "of_supporter": "SELECT id, uuid::text FROM supporter",
    "after": "VALUES (NULL::integer, '')",
    "most": "VALUES (3, '')",
    "an_hour": "VALUES (3, '')",
}
TEXTS = {
    **dict.fromkeys(("on_side", "side"), "family staff student".split()),
    "words": ("", "kai", "nina", "leo r"),
    **dict.fromkeys(("typed", "search"), ("", "a", "kai", "Ruiz, Nina", "555 0101")),
    "capacity": ("family", "teacher", "administrator", "student", "support", "duty: principal"),
    "list": ("codes", "ties", "masked"),
    "given": ("Nina", "Leo"),
    "family": ("Ruiz", "Okafor"),
    **dict.fromkeys(("evidence", "how"), ("photo id", "known", "record")),
    "named": ("a@students.lincoln.example", "a@mail.example"),
    "alias": ("Nina", "Rob Vale"),
    "of_basis": ("threat", ""),
    "act": ("child", "gradebook", "adults", "who can see"),
    "mark": ("", "added"),
    "called": ("", "nina"),
    "score_text": ("A", "90", "-"),
    "of_school": ("",),
}
NAMED_TEXTS = {
    "kind": "SELECT DISTINCT kind, kind FROM tie",
    "relation": "SELECT DISTINCT relationship, relationship FROM contact",
    "role": "SELECT DISTINCT role, role FROM role",
    "of_kind": "SELECT kind, kind FROM proposal UNION SELECT kind, kind FROM tie UNION SELECT kind, kind FROM account_mail",
    "state": "SELECT DISTINCT state, state FROM tie",
    "of_setting": "SELECT DISTINCT setting, setting FROM setting_choices()",
}
FEW = {  # tables of which not all rows are given
    "ledger": "SELECT w, w.id FROM ledger w WHERE w.id <= 20",
    "opening": "SELECT w, w.entry_id FROM opening w WHERE w.entry_id % 5 = 0",
}
SUBJECTS = ("person", "section", "challenge", "school", "registration", "question")
ALL_KINDS = ["attendance", "birth date", "changes", "contact names", "contacts", "grades", "ledger", "names"]
BY_TYPE = {
    "integer[]": "SELECT array_agg(id ORDER BY id), 'all' FROM person UNION ALL SELECT ARRAY[id], uuid::text FROM person WHERE is_student",
    "text[]": f"VALUES (ARRAY{ALL_KINDS}, '')",
    "uuid[]": "SELECT array_agg(uuid ORDER BY uuid), 'all' FROM person",
    "date": f"VALUES ({DAY} - 40, '-40'), ({DAY}, ''), ({DAY} + 40, '+40')",
    "timestamp with time zone": "VALUES ('-infinity'::timestamptz, '')",
    "boolean": "VALUES (true, 'yes'), (false, 'no')",
    "bigint": "SELECT id, uuid::text FROM account",
}
UUIDS = {
    **dict.fromkeys(("child", "one"), "SELECT uuid, uuid::text FROM person WHERE is_student"),
    "subject": " UNION ALL ".join([*(f"SELECT uuid, uuid::text FROM {table}" for table in SUBJECTS), "SELECT NULL, ''"]),
}


@dataclass(frozen=True)
class Rule:
    room: str
    name: str
    statement: str
    asked: bool  # it matters who asks


class Rules:
    """unfit: functions of whose arguments no value is known here."""

    def __init__(self, owner: psycopg.Connection[Any]) -> None:
        self.tables: dict[str, str] = dict(owner.execute(ROWS).fetchall())
        self.unfit: list[str] = []
        graph, homes = floors.calls(floors.things(owner)), floors.homes()
        self.every = [
            Rule(homes[name].room.split("/")[0], name, statement, bool(reached(name, graph) & ASKING))
            for name, statement in self.statements(owner.execute(FUNCTIONS).fetchall())
        ]

    def statements(self, functions: Sequence[Any]) -> Iterator[tuple[str, str]]:
        for name, types, names, optional, result, is_set in functions:
            values = [self.values(*pair) for pair in zip(types[: len(types) - optional], names, strict=False)]
            if None in values or name in OF_NO_RULE:
                self.unfit.append(name)
                continue
            tables = [f"{value} AS a{place}" if value in self.tables else f"({value}) AS a{place} (v, said)" for place, value in enumerate(values)]
            said = [f"a{place}.{self.tables[value]}" if value in self.tables else f"a{place}.said" for place, value in enumerate(values) if value]
            given = ", ".join(f"a{place}" if value in self.tables else f"a{place}.v" for place, value in enumerate(values))
            called = f"{name}({given})" if is_set else f"(SELECT {name}({given}) AS f OFFSET 0)"
            only = "" if is_set else " WHERE f.f" if result == "boolean" else " WHERE f.f IS NOT NULL"
            yield name, f"SELECT jsonb_build_array({', '.join(said)}), to_jsonb(f) FROM {', '.join([*tables, f'LATERAL {called} f'])}{only}"

    def values(self, type_: str, name: str) -> str | None:
        """A table whose rows are given; or a query: the value, and what it is called."""
        if type_ in self.tables:
            return FEW.get(type_, type_)
        if type_ == "text" and name in TEXTS:
            return "VALUES " + ", ".join(f"('{word}', '{word}')" for word in TEXTS[name])
        return {"integer": INTEGERS, "text": NAMED_TEXTS, "uuid": UUIDS}.get(type_, BY_TYPE).get(name if type_ in ("integer", "text", "uuid") else type_)


def reached(name: str, graph: dict[str, set[str]]) -> set[str]:
    found, waiting = {name}, [name]
    for at in waiting:
        more = graph.get(at, set()) - found
        found |= more
        waiting += more
    return found


def told(owner: psycopg.Connection[Any], ready: MatrixSchool, rules: Collection[Rule]) -> dict[str, list[str]]:
    """Room → its lines. Whatever happens is taken back."""
    shown, lines = Shown(ready), dict[str, list[str]]()
    answers: dict[tuple[str, str], dict[str, list[str]]] = {}
    for role in ("", *ASKERS):
        wanted = [rule for rule in rules if rule.asked == bool(role)]
        with owner.transaction(force_rollback=True):
            if role:
                owner.execute(ready.claim(role).encode())
            for rule in wanted:
                answers.setdefault((rule.room, rule.name), {}).setdefault(answer(owner, rule, shown), []).append(role)
    for (room, name), said in answers.items():
        lines.setdefault(room, []).extend(f"{name} | {' '.join(roles)} | {each}" for each, roles in said.items())
    return lines


def answer(owner: psycopg.Connection[Any], rule: Rule, shown: Shown) -> str:
    try:
        with owner.transaction():
            rows = owner.execute(rule.statement.encode()).fetchall()
    except psycopg.Error as error:
        return f"raises {error.sqlstate} {str(error).splitlines()[0]}"
    by_value: dict[str, set[str]] = {}
    for given, value in rows:
        kept = value.get("f", value) if isinstance(value, dict) and len(value) == 1 else value
        by_value.setdefault(shown.told(kept), set()).add(" ".join(filter(None, map(shown.told, given))))
    text = "; ".join(f"{value}: {', '.join(sorted(given))}" for value, given in sorted(by_value.items()))
    return text if len(text) <= MOST else f"{text[:MOST]}… {sha256(text.encode()).hexdigest()[:16]}"


def name_of(line: str) -> str:
    return line.partition(" | ")[0]


def differences(owner: psycopg.Connection[Any], ready: MatrixSchool, rules: Collection[Rule], every: bool = True) -> list[str]:
    """Between what these answer and what the files keep; all of them, or some. owner: a login that may call every function."""
    return kept_differences(FOLDER, told(owner, ready, rules), name_of, None if every else {rule.name for rule in rules})
