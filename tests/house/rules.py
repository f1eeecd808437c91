"""Each rule by itself: the answers about the casts of every function that only reads and that no login may call, asked by several roles.

As with the variants, the files in rules/ keep the answers, and HOMEROOM_ACCEPT=1 rewrites them. A line says who asks, what is answered, and for which
arguments.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from tests.house import floors
from tests.house.expected_ties import DAY
from tests.house.matrix_school import Key, MatrixSchool
from tests.house.shown import A_DAY, BEHIND, Shown, kept_differences, shortened
from tests.house.tweaks import Tweak, Tweaks
from tests.house.world import SAID
from tests.writer import CANARY, identity

FOLDER = Path(__file__).parent / "rules"
FUNCTIONS = """SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), coalesce(p.proargnames[1:p.pronargs], '{}'),
        p.pronargdefaults, p.prorettype::regtype::text, p.proretset, p.prosrc
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.provolatile <> 'v' AND NOT starts_with(p.proname, 'probe_')
        AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner) ORDER BY 1, 2"""
# table → the column that names a row
ROWS = """SELECT c.relname, (SELECT a.attname FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indkey[0] = a.attnum
        WHERE a.attrelid = c.oid AND (a.attname = 'uuid' OR i.indrelid IS NOT NULL) ORDER BY a.attname = 'uuid' DESC LIMIT 1)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"""
DIGESTS = {"consent_digest", "tutor_consent_digest", "fact_digest"}  # of rows with a time
OF_NO_RULE = {*DIGESTS, "asking_key", "session_handle", "seen_as", "today"}  # they answer secrets, digests or times
OF_THE_CALENDAR = {"end_of_school_day", "school_day_after", "business_day_after", "correction_due",
                   "inspection_due", "inspection_latest", "left_on", "closes_on", "lapsed_from", "overdue_from",
                   "turns_18_on"}  # fmt: skip
ASKERS = """ada/staff ana/family bo/staff carl/staff carl/stale dana/family fay/staff hal/student ivy/card ivy/student nina/student pat/staff rosa/staff
    ruth/staff ted/staff tia/family uma/weak""".split()
VIEWS: list[Key] = [("ana/family", "child", "nina"), ("bo/staff", "gradebook", "algebra"), ("carl/staff", "changes", "changes/nina"),
    ("carl/staff", "codes", "=leo"), ("carl/staff", "letters", "middle"), ("carl/staff", "adults", "nina"), ("ray/support", "support", "nina")]  # fmt: skip
VIEWING = {" ".join(key): key for key in VIEWS}
FEW_ASKERS = ("carl/staff", "ana/family", "bo/staff")  # who asks about what a tweak changes
ASKING = {"asking", "asking_key", "asking_look", "asking_session", "asking_side", "asking_staff", "viewed"}  # functions whose answer depends on who asks
IDLE = """all_see_preferred corrections_brought found_by i_release_data is_by_session is_incident_open is_on_hold is_suspect is_unconfirmed last_draft
    letters_for_list lists_recorded_since refused_asked seen_affected seen_on_batch seen_with_letters sessions_asked students_of_letter suspects_of
    takes_two_to_open views_asked""".split()  # the casts have no case, so tests make one
NOTHING = {"", "-", "0", "no", "[]", "{}"}
MOST, MOST_OF_A_TWEAK = 1500, 300  # characters of a line. A longer line is cut and ends with a digest

# Values of arguments, by their names, and the labels of the values.
PEOPLE, STUDENTS = "SELECT id, uuid::text FROM person", "SELECT id, uuid::text FROM person WHERE is_student"
INTEGERS = {
    **dict.fromkeys("who whose adult by_whom me viewer".split(), PEOPLE),
    **dict.fromkeys("student child subject about".split(), STUDENTS),
    **dict.fromkeys("of_school school".split(), "SELECT id, uuid::text FROM school"),
    "class": "SELECT id, uuid::text FROM section",
    "n": "SELECT n, n FROM generate_series(1, 3) n",
    "tutoring": "SELECT id, uuid::text FROM tie",
    **dict.fromkeys(("of_delivery", "delivery"), "SELECT id, id FROM delivery"),
    "of_incident": "SELECT id, uuid::text FROM incident",
    "of_supporter": "SELECT id, uuid::text FROM supporter",
    "after": "VALUES (0, '')",
    "most": "VALUES (3, '')",
    "which": "SELECT id, uuid::text FROM tie",
    "with_contact": "SELECT id, uuid::text FROM contact WHERE sourced_id IN ('contact/eli/leo', 'alike/eli') UNION SELECT NULL, ''",
    "with_adult": "SELECT id, uuid::text FROM person WHERE sourced_id = 'ana' UNION SELECT NULL, ''",
    "an_hour": "VALUES (3, '')",
}
TEXTS = {
    **dict.fromkeys(("on_side", "side"), "family staff student".split()),
    "words": ("", "nina", "leo r", '{"delivery": 1}', str(identity("nina")), str(identity("contact/pia/kai"))),
    "typed": ("", "a", "kai", "Ruiz, Nina", "Nina Ruiz and Rob Vale", "555 0101", "(555) 555 0101"),
    "search": ("adults", "codes"),
    "capacity": ("family", "teacher", "administrator", "student", "support", "duty: principal"),
    "list": ("codes", "letters", "ties", "masked"),
    "given": ("Nina", "Leo"),
    "method": ("password", "passkey", "code", "card", ""),
    "family": ("Ruiz", "Okafor"),
    **dict.fromkeys(("evidence", "how"), ("photo id", "known", "record")),
    "key": ("challenge", "contact", "masking", "restriction", "school", "student", "supporter", "tie"),
    **dict.fromkeys(("was", "becomes"), ("on", "off", "closed", "true", "false", "1", "30")),
    **dict.fromkeys(("of_tie", "of_challenger"), ("in person", "code", "record", "known", "")),
    "named": (f"a@{CANARY}.example", "a@students.lincoln.example", "a@mail.example"),
    "alias": ("Nina", "Rob Vale"),
    "of_basis": ("threat", ""),
    "of_category": ("name", "phone"),
    "what_for": (f"{CANARY} therapy", "Chess"),
    "whom": ("Lee Clinic",),
    "act": ("child", "gradebook", "adults", "who can see"),
    "about": ("last name", "birth date", "grade level", "score", "attendance", "other"),
    "mark": ("", "added"),
    "called": ("", "nina"),
    "score_text": ("A", "90", "-"),
    "of_school": ("",),
    "status": ("absent", "tardy", "TX"),
    "excuse_code": ("", "MED"),
    "of_notice": ("first notice", "second notice"),
}
NAMED_TEXTS = {
    "kind": "SELECT DISTINCT kind, kind FROM tie UNION SELECT w, w FROM unnest(ARRAY['conservator', 'contacts', 'ledger']) w",
    "relation": "SELECT DISTINCT relationship, relationship FROM contact UNION VALUES ('mother', 'mother'), ('guardian', 'guardian'), ('aunt', 'aunt')",
    "role": "SELECT DISTINCT role, role FROM role",
    "of_kind": "SELECT kind, kind FROM proposal UNION SELECT kind, kind FROM tie UNION SELECT kind, kind FROM account_mail",
    "state": "SELECT DISTINCT state, state FROM tie",
    "of_setting": "SELECT DISTINCT setting, setting FROM setting_choices()",
}
FEW = {  # tables that give only some of their rows
    "ledger": "SELECT w, w.id FROM ledger w WHERE w.id <= 20",
    "opening": "SELECT w, w.entry_id FROM opening w WHERE w.entry_id % 10 = 0"
    " OR w.entry_id IN (SELECT min(l.id) FROM ledger l JOIN opening o ON o.entry_id = l.id GROUP BY l.act)",
}
SUBJECTS = ("change", "person", "section", "challenge", "school", "registration", "question", "correction")
ALL_KINDS = ["attendance", "birth date", "changes", "contact names", "contacts", "grades", "ledger", "names"]
BY_TYPE = {
    "integer[]": "SELECT array_agg(id ORDER BY id), 'all' FROM person UNION ALL SELECT ARRAY[id], uuid::text FROM person WHERE is_student",
    "text[]": f"VALUES (ARRAY{ALL_KINDS}, '')",
    "uuid[]": "SELECT array_agg(uuid ORDER BY uuid), 'all' FROM person",
    "date": f"VALUES ({DAY} - 40, '-40'), ({DAY}, ''), ({DAY} + 40, '+40')",
    "timestamp with time zone": "VALUES ('-infinity'::timestamptz, '')",
    "boolean": "VALUES (true, 'yes'), (false, 'no')",
    "bigint": "SELECT id, uuid::text FROM account",
    "tsquery": "SELECT to_tsquery('simple', w), w FROM unnest(ARRAY['nina | ruiz', 'rob & vale', 'vale | okafor']) w",
    "challenge_case": "SELECT c, c.uuid::text FROM challenge_case c",
    "jsonb": f"SELECT payload, uuid::text FROM proposal UNION ALL SELECT {SAID}, '' "
    " UNION ALL SELECT jsonb_build_object('uuid', uuid), uuid::text FROM account WHERE id < 9"
    " UNION ALL SELECT jsonb_build_object('sourced_id', 'nina'), 'nina'",
}
EVERYONE = "jsonb_build_object('everyone', true)"
QUESTIONS = {"question": f"VALUES ({EVERYONE}, '')", "questions": f"VALUES (jsonb_build_array({EVERYONE}), '')"}  # of an incident
ARRAYS = {  # a list by its name, one value for each of a request's kinds
    "of_records": "VALUES (ARRAY['grades'], 'grades'), (ARRAY['name'], 'name')",
    "keys": "VALUES (ARRAY[1, 2, 3, 4, 5], '')",
    "abouts": "VALUES (ARRAY['last name', 'birth date', 'grade level', 'score', 'attendance'], '')",
    "of_rows": "SELECT ARRAY[NULL, NULL, NULL, (SELECT min(id::text) FROM result WHERE student_id = p.id),"
    " (SELECT min(id::text) FROM attendance_mark WHERE student_id = p.id)]::uuid[], p.uuid::text FROM person p WHERE p.is_student",
    "of_children": "SELECT array_fill(id, ARRAY[5]), uuid::text FROM person WHERE is_student",
}
UUIDS = {
    "called": "SELECT uuid, uuid::text FROM person",
    "of_incident": "SELECT uuid, uuid::text FROM incident",
    "of_school": "SELECT uuid, uuid::text FROM school UNION SELECT NULL, ''",
    **dict.fromkeys(("of_row", "of_mark"), "SELECT id, id::text FROM result UNION ALL SELECT id, id::text FROM attendance_mark UNION ALL SELECT NULL, ''"),
    "which": "SELECT uuid, uuid::text FROM tie UNION SELECT uuid, uuid::text FROM tutor_request UNION SELECT uuid, uuid::text FROM incident"
    " UNION SELECT value::uuid, value FROM proposal, jsonb_each_text(payload) WHERE pg_input_is_valid(value, 'uuid')",
    **dict.fromkeys(("child", "one"), "SELECT uuid, uuid::text FROM person WHERE is_student"),
    "subject": " UNION ALL ".join([*(f"SELECT uuid, uuid::text FROM {table}" for table in SUBJECTS), "SELECT NULL, ''"]),
}


@dataclass(frozen=True)
class Rule:
    room: str
    name: str
    statement: str
    asked: bool  # the answer depends on who asks
    looks: bool  # and on the view
    tweak: Tweak | None = None

    @property
    def askers(self) -> Sequence[str]:
        return ("",) if not self.asked else FEW_ASKERS if self.tweak else [*ASKERS, *(VIEWING if self.looks else ())]

    @property
    def label(self) -> str:
        return f"{self.name}, then {self.tweak.table}" if self.tweak else self.name


class Rules:
    """`unfit` has functions with an argument that has no value here."""

    def __init__(self, superuser: psycopg.Connection[Any], tweaks: Tweaks) -> None:
        self.tables: dict[str, str] = dict(superuser.execute(ROWS).fetchall())
        self.unfit: list[str] = []
        functions = superuser.execute(FUNCTIONS).fetchall()
        graph, homes = floors.calls(floors.things(superuser)), floors.homes()
        sources = {name: source for name, *_, source in functions}
        reach = {name: reached(name, graph) for name in sources}
        usual = [
            Rule(homes[name].room.split("/")[0], name, statement, bool(reach[name] & ASKING), "asking_look" in reach[name])
            for name, statement in self.statements(functions)
        ]
        self.every = [*usual, *(replace(rule, tweak=tweak) for rule in usual for tweak in tweaks.of(sources[rule.name]))]

    def statements(self, functions: Sequence[Any]) -> Iterator[tuple[str, str]]:
        for name, types, names, optional, result, is_set, _source in functions:
            values = [self.values(*pair) for pair in zip(types[: len(types) - optional], names, strict=False)]
            if None in values or name in OF_NO_RULE:
                self.unfit.append(name)
                continue
            tables = [f"{value} AS a{place}" if value in self.tables else f"({value}) AS a{place} (v, said)" for place, value in enumerate(values)]
            said = [f"a{place}.{self.tables[value]}" if value in self.tables else f"a{place}.said" for place, value in enumerate(values) if value]
            given = ", ".join(f"a{place}" if value in self.tables else f"a{place}.v" for place, value in enumerate(values))
            called = f"{name}({given})" if is_set else f"(SELECT {name}({given}) AS f OFFSET 0)"
            only = "" if is_set else " WHERE f.f" if result == "boolean" else " WHERE NOT f.f IS NULL"
            yield name, f"SELECT jsonb_build_array({', '.join(said)}), to_jsonb(f) FROM {', '.join([*tables, f'LATERAL {called} f'])}{only}"

    def values(self, type_: str, name: str) -> str | None:
        """Returns a table whose rows are the values, or a query for the values and their labels. None means no value."""
        if type_ in self.tables:
            return FEW.get(type_, type_)
        if type_ == "text" and name in TEXTS:
            return "VALUES " + ", ".join(f"('{word}', '{word}')" for word in TEXTS[name])
        if name in QUESTIONS:
            return QUESTIONS[name]
        if name in ARRAYS:
            return ARRAYS[name]
        if name == "born":
            return "SELECT DISTINCT birth_date, birth_date FROM demographic"
        return {"integer": INTEGERS, "text": NAMED_TEXTS, "uuid": UUIDS}.get(type_, BY_TYPE).get(name if type_ in ("integer", "text", "uuid") else type_)


def reached(name: str, graph: dict[str, set[str]]) -> set[str]:
    found, waiting = {name}, [name]
    for at in waiting:
        more = graph.get(at, set()) - found
        found |= more
        waiting += more
    return found


def told(superuser: psycopg.Connection[Any], ready: MatrixSchool, rules: Collection[Rule]) -> dict[str, list[str]]:
    """Returns room → its lines. A tweak has only lines that differ. Everything is rolled back."""
    shown, lines = Shown(ready), dict[str, list[str]]()
    usual_rules = [rule for rule in rules if not rule.tweak]
    compared = [rule for rule in dict.fromkeys(replace(rule, tweak=None) for rule in rules) if rule not in usual_rules]
    usual = {(role, name): each for role, name, each in answers(superuser, ready, usual_rules, shown)}
    usual |= {(role, name): each for role, name, each in answers(superuser, ready, compared, shown, ("", *FEW_ASKERS))}
    lines_said: dict[tuple[str, str, str], list[str]] = {}
    rooms = {rule.name: rule for rule in usual_rules}
    for (role, name), each in usual.items():
        if name in rooms:
            lines_said.setdefault((rooms[name].room, name, each), []).append(role)
    for tweak in {rule.tweak: None for rule in rules if rule.tweak}:
        wanted = {rule.name: rule for rule in rules if rule.tweak == tweak}
        for role, name, each in answers(superuser, ready, list(wanted.values()), shown):
            rule = wanted[name]
            if each != usual[role, name]:
                lines_said.setdefault((rule.room, rule.label, f"{role} | {less(each, usual[role, name])}"), []).append(tweak.name.partition(".")[2])
    for (room, name, each), who in lines_said.items():
        said_by = "; ".join(sorted(who)) if ", then " in name else " ".join(who)  # the order of tweaks depends on what else is asked
        lines.setdefault(room, []).append(f"{name}{BEHIND}{said_by} | {each}")
    return lines


def answers(
    superuser: psycopg.Connection[Any], ready: MatrixSchool, rules: Sequence[Rule], shown: Shown, askers: Sequence[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """Yields (who asks, rule, answer) of rules with the same tweak. An empty `askers` means all."""
    for role in dict.fromkeys(role for rule in rules for role in rule.askers if not askers or role in askers):
        with superuser.transaction(force_rollback=True):
            if rules[0].tweak:
                superuser.execute(rules[0].tweak.statement.encode())
            if role:
                superuser.execute(ready.claim(role.partition(" ")[0], VIEWING.get(role)).encode())
            for rule in rules:
                if role in rule.askers:
                    yield role, rule.name, answer(superuser, rule, shown)


def said(function: str, value: Any, shown: Shown) -> str:
    """Returns the value as the files have it, with lists in one order."""
    told = shown.told(sorted(value, key=str) if isinstance(value, list) else value)
    return A_DAY.sub("a day", told) if function in OF_THE_CALENDAR else told


def less(text: str, usual: str) -> str:
    """Returns the parts that differ from the usual answer."""
    parts, others = text.split("; "), usual.split("; ")
    return shortened("; ".join([*(part for part in parts if part not in others), *(f"not {part}" for part in others if part not in parts)]), MOST_OF_A_TWEAK)


def answer(superuser: psycopg.Connection[Any], rule: Rule, shown: Shown) -> str:
    try:
        with superuser.transaction():
            rows = superuser.execute(rule.statement.encode()).fetchall()
    except psycopg.Error as error:
        return f"raises {error.sqlstate} {str(error).splitlines()[0]}"
    by_value: dict[str, set[str]] = {}
    for given, value in rows:
        kept = value.get("f", value) if isinstance(value, dict) and len(value) == 1 else value
        by_value.setdefault(said(rule.name, kept, shown), set()).add(" ".join(filter(None, map(shown.told, given))))
    text = "; ".join(f"{value}: {', '.join(sorted(given))}" for value, given in sorted(by_value.items()))
    return shortened(text, MOST)


def differences(superuser: psycopg.Connection[Any], ready: MatrixSchool, rules: Collection[Rule], every: bool = True) -> list[str]:
    """Returns differences between these answers and the files, for all rules or for some."""
    return kept_differences(FOLDER, told(superuser, ready, rules), None if every else {rule.label for rule in rules})


def idle() -> list[str]:
    """Returns the rules that say nothing about anyone, according to the files."""
    says: dict[str, bool] = {}
    for line in (line for path in FOLDER.glob("*.txt") for line in path.read_text().splitlines()):
        name, _, told = line.partition(BEHIND)
        if ", then " not in name:
            values = {part.partition(":")[0].strip() for part in told.partition(" | ")[2].split("; ")}
            says[name] = says.get(name, False) or "… " in told or bool(values - NOTHING)
    return sorted(name for name in says if not says[name])
