"""Finds which database function names which. It reads the live catalog, and takes rooms and kinds from the *.sql files."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

from homeroom.portal.access.protect import FILES, FLOORS, KINDS, ROOMS

LEVEL = {room: number for number, floor in enumerate(FLOORS.values()) for room in floor.split()}
OURS = """p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND NOT starts_with(p.proname, 'procrastinate_')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""
# (kind, name, definition). A function's definition has its head, since types and defaults name functions and views, too.
THINGS = f"""
    SELECT 'function', p.proname::text, pg_get_functiondef(p.oid) FROM pg_proc p WHERE {OURS}
    UNION ALL SELECT 'view', relname, pg_get_viewdef(oid) FROM pg_class
              WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', t.tgname || ' on ' || c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
              WHERE NOT t.tgisinternal AND NOT starts_with(c.relname, 'procrastinate_')
    UNION ALL SELECT 'policy', p.polname || ' on ' || c.relname,
                     concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
              FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE NOT starts_with(c.relname, 'procrastinate_')"""
EXECUTABLE = f"""SELECT DISTINCT p.proname::text FROM pg_proc p, aclexplode(p.proacl) a WHERE {OURS} AND a.grantee <> p.proowner"""
TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<string>'(?:[^']|'')*')|(?P<word>\w+)|(?P<space>\s+)|(?P<other>.)""",
    re.DOTALL,
)
IS_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\b")


class Home(NamedTuple):
    """The folder and the kind of a definition's file."""

    room: str
    kind: str

    @property
    def level(self) -> int:
        return LEVEL[self.room]


class Thing(NamedTuple):
    what: str
    name: str
    text: str  # without comments, and with only those strings that are statements


def code_of(definition: str) -> str:
    """Returns a definition without comments. A string stays if it is part of a statement that the function builds. Otherwise it becomes ''."""
    code, is_dynamic = [], False
    for token in TOKEN.finditer(definition):
        kind, text = token.lastgroup, token[0]
        if kind == "string" and (is_dynamic or IS_SQL.search(text)):
            text = " " + text[1:-1].replace("''", "'") + " "
        elif kind in ("comment", "string"):
            text = " " if kind == "comment" else "''"
        elif kind == "word" and text == "EXECUTE":
            is_dynamic = True
        elif text == ";":
            is_dynamic = False
        code.append(text)
    return "".join(code)


def things(owner: Connection[Any]) -> list[Thing]:
    return [Thing(what, name, code_of(text)) for what, name, text in owner.execute(THINGS.encode())]


def homes() -> dict[str, Home]:
    """Returns homes by the name of a function, view or policy, and by 'trigger on table' as in things()."""
    found = {}
    for name in FILES:
        home = Home(str(Path(name).parent), re.split(r"[_.]", Path(name).name)[0])
        text = (ROOMS / name).read_text()
        for what in re.findall(r"^CREATE (?:FUNCTION|VIEW) (\w+)", text, re.MULTILINE):
            found[what] = home
        for trigger, table in re.findall(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s[^;]*?\sON (\w+|%I)\s", text):
            found[trigger if table == "%I" else f"{trigger} on {table}"] = home
        for policy, table in re.findall(r"^CREATE POLICY (\w+)\s+ON (\w+)", text, re.MULTILINE):
            found[f"{policy} on {table}"] = home
    return found


def tables() -> dict[str, str]:
    """Returns the room of each table. Its policies.sql names the table in a grant, a policy or the list of tables without a login."""
    found = {}
    for name in FILES:
        if Path(name).name.startswith("policies"):
            text = (ROOMS / name).read_text()
            lists = re.findall(r"^GRANT [^;]*? ON ([^;]*?)\s+TO\b", text, re.MULTILINE)
            lists += re.findall(r"^CREATE POLICY \w+\s+ON (\w+)", text, re.MULTILINE)
            lists += re.findall(r"^-- No login has a right on ([\w,\s-]+?):", text, re.MULTILINE)
            found |= {table: str(Path(name).parent) for listed in lists for table in re.findall(r"\w+", listed)}
    return found


def calls(known: Iterable[Thing]) -> dict[str, set[str]]:
    """Returns the functions and views that each one names."""
    known = list(known)
    functions = {thing.name for thing in known if thing.what == "function"}
    views = {thing.name for thing in known if thing.what == "view"}
    word = re.compile(r"\b([a-z]\w*)\b(\s*\()?")
    return {
        thing.name: {
            name for name, bracket in word.findall(thing.text) if name in views or (name in functions and bracket)
        }
        - {thing.name}
        for thing in known
    }


def home_of(name: str, places: Mapping[str, Home]) -> Home:
    """Returns the home of a name. A trigger that is made for many tables has its home by its name without the table."""
    return places.get(name) or places[name.split(" on ")[0]]


def wrong_calls(graph: Mapping[str, set[str]], places: Mapping[str, Home]) -> Iterator[str]:
    """Yields calls of a higher floor, of another room on the same floor, or of a later kind in the same room."""
    for name, called in sorted(graph.items()):
        mine = home_of(name, places)
        for other in sorted(called):
            theirs = home_of(other, places)
            if theirs.room == mine.room:
                if KINDS.index(theirs.kind) > KINDS.index(mine.kind):
                    yield f"{name} calls {other}, of a later kind: {mine.kind} → {theirs.kind} in {mine.room}"
            elif theirs.level >= mine.level:
                yield f"{name} calls {'upward' if theirs.level > mine.level else 'sideways'}: {mine.room} → {theirs.room} ({other})"


def cycles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Returns each cycle as the functions on the way, from the one that is called again."""
    found, done = [], set()

    def walk(name: str, way: list[str]) -> None:
        if name in way:
            found.append(way[way.index(name) :])
        elif name not in done:
            for other in sorted(graph.get(name, ())):
                walk(other, [*way, name])
            done.add(name)

    for name in sorted(graph):
        walk(name, [])
    return found


def with_fired(known: Iterable[Thing], graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Returns the names in each function, and in the triggers that its writes fire."""
    known, fires = list(known), []
    for thing in known:
        if thing.what == "trigger":
            event = re.search(r"(?:BEFORE|AFTER) (.*?) ON (?:public\.)?(\w+)", thing.text)
            assert event, thing.text
            fires.append((event[1], event[2], graph[thing.name]))
    found = {}
    for thing in known:
        if thing.what == "function":
            written = re.findall(r"\b(INSERT|UPDATE|DELETE)(?: INTO| FROM)? (\w+)", thing.text)
            fired = [
                called for verb, table in written for events, on, called in fires if on == table and verb in events
            ]
            found[thing.name] = graph[thing.name].union(*fired)
    return found


def said_in_python() -> set[str]:
    """Returns names before a bracket in Homeroom's Python strings: statements of commands, processes and pages."""
    found = set()
    for path in ROOMS.parent.rglob("*.py"):
        if not {"tests", "migrations"} & set(path.parts):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.update(re.findall(r"\b([a-z]\w*)\(", node.value))
    return found


def unused(owner: Connection[Any], graph: Mapping[str, set[str]], functions: Iterable[str]) -> list[str]:
    """Returns functions that no other function, trigger, policy, view or Python code names, and that no login may execute."""
    used = {name for called in graph.values() for name in called} | said_in_python()
    used |= {name for (name,) in owner.execute(EXECUTABLE.encode())}
    return sorted(set(functions) - used)


def rule_of(definition: str, vocabulary: set[str]) -> str:
    """Returns a function's body with its own names numbered in the order of first use. Two bodies that say the same are equal."""
    body = definition.split("$function$")[1]
    own: dict[str, str] = {}
    words = [t[0] for t in TOKEN.finditer(body) if t.lastgroup not in ("space", "comment")]
    return " ".join(
        own.setdefault(w, f"${len(own)}") if re.match(r"[a-z_]", w) and w not in vocabulary else w for w in words
    )


def twice(owner: Connection[Any]) -> list[set[str]]:
    """Returns functions whose bodies are the same, apart from their own names."""
    names = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION SELECT attname FROM pg_attribute
        UNION SELECT word FROM pg_get_keywords() UNION SELECT proname FROM pg_proc UNION SELECT typname FROM pg_type"""
    vocabulary = {name for (name,) in owner.execute(names)}
    same: dict[str, set[str]] = {}
    for name, definition in owner.execute(
        f"SELECT p.proname::text, pg_get_functiondef(p.oid) FROM pg_proc p WHERE {OURS}".encode()
    ):
        same.setdefault(rule_of(definition, vocabulary), set()).add(name)
    return sorted((found for found in same.values() if len(found) > 1), key=sorted)
