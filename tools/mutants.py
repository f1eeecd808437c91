"""Mutants: everything that can be taken out of the database's rules, one at a time. They are read from the live catalog, so no one keeps a list.

In functions and views these are each term that AND joins, each single condition of a WHERE, and each reason for an early return. Each trigger, policy and
grant is one, too.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg import Connection

from tests.house.floors import OURS, TOKEN

TERM, CONDITION, GUARD, TRIGGER, POLICY, GRANT = "AND term", "condition", "guard", "trigger", "policy", "grant"
# A term ends here, at its own depth of brackets and CASE.
ENDING = """AND OR , ; THEN ELSE WHEN END LOOP GROUP ORDER LIMIT OFFSET RETURNING UNION EXCEPT INTERSECT HAVING WINDOW FOR LEFT RIGHT INNER
    CROSS FULL JOIN WHERE SELECT ON USING FETCH INTO DO FROM AS IF ELSIF RETURN := BEGIN VALUES FILTER SET"""
BEGINNING = "WHERE ON IF ELSIF WHEN HAVING ( OR AND RETURN := , SELECT THEN ELSE DEFAULT"  # a term may begin after these
ENDS, BEGINS = frozenset(ENDING.split()), frozenset(BEGINNING.split())
BODY = "$function$"
VIEWS = "SELECT relname, pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY relname"
TRIGGERS = """SELECT t.tgname, c.relname, p.proname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND NOT starts_with(c.relname, 'procrastinate_') ORDER BY 1, 2"""
POLICIES = """SELECT p.polname, c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE NOT starts_with(c.relname, 'procrastinate_') ORDER BY 1, 2"""
GRANTS = f"""
    SELECT a.privilege_type, 'FUNCTION ' || p.oid::regprocedure, p.proname, g.rolname FROM pg_proc p, aclexplode(p.proacl) a
    JOIN pg_roles g ON g.oid = a.grantee WHERE {OURS} AND a.grantee <> p.proowner
    UNION ALL SELECT a.privilege_type, 'TABLE ' || c.relname, c.relname, g.rolname FROM pg_class c, aclexplode(c.relacl) a
    JOIN pg_roles g ON g.oid = a.grantee WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner AND c.relkind IN ('r', 'v')
        AND NOT starts_with(c.relname, 'procrastinate_')
    UNION ALL SELECT a.privilege_type || ' (' || quote_ident(t.attname) || ')', 'TABLE ' || c.relname, c.relname, g.rolname
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a JOIN pg_roles g ON g.oid = a.grantee
    WHERE c.relnamespace = 'public'::regnamespace AND NOT starts_with(c.relname, 'procrastinate_')
    ORDER BY 2, 1, 4"""


class Token(NamedTuple):
    text: str
    start: int
    end: int


class Span(NamedTuple):
    """A part of a text, and its replacement."""

    kind: str
    start: int
    end: int
    instead: str


@dataclass(frozen=True, slots=True)
class Mutant:
    kind: str
    of: str  # the function, view or table, or "on table" for a trigger or policy
    function: str  # the function that is changed or that a trigger calls, or the table of a policy or grant
    taken: str  # the part that is taken out, in one line
    statement: str  # SQL that takes it out

    @property
    def name(self) -> str:
        return f"{self.of}: {self.kind} {self.taken}"


def tokens(text: str) -> list[Token]:
    """Returns the tokens without spaces and comments. := is one token."""
    found: list[Token] = []
    for token in TOKEN.finditer(text):
        if token.lastgroup in ("space", "comment"):
            continue
        if token[0] == "=" and found and found[-1].text == ":" and found[-1].end == token.start():
            found[-1] = Token(":=", found[-1].start, token.end())
        else:
            found.append(Token(token[0], token.start(), token.end()))
    return found


def behind(words: Sequence[Token], at: int) -> int:
    """Returns the place after the bracket or CASE that opens here."""
    depth = 0
    for place in range(at, len(words)):
        word = words[place].text
        depth += (word in ("(", "[") or word == "CASE") - (word in (")", "]") or word == "END")
        if depth == 0:
            return place + 1
    return len(words)


def end_of_term(words: Sequence[Token], at: int) -> int:
    """Returns the place of the first word after the term that begins here."""
    begun, betweens = at, 0
    while at < len(words):
        word = words[at].text
        if word in ("(", "[") or word == "CASE":
            at = behind(words, at)
            continue
        betweens += word == "BETWEEN"
        if word == "AND" and betweens:
            betweens -= 1
        elif word in (")", "]") or (word in ENDS and not (word == "FROM" and at > begun and words[at - 1].text == "DISTINCT")):
            return at
        at += 1
    return at


def bounds_of_between(words: Sequence[Token]) -> set[int]:
    """Returns the places of the ANDs that join no terms."""
    found = set()
    for place, word in enumerate(words):
        if word.text == "BETWEEN":
            at = place + 1
            while words[at].text != "AND":
                at = behind(words, at) if words[at].text in ("(", "[") else at + 1
            found.add(at)
    return found


def terms(words: Sequence[Token]) -> Iterator[Span]:
    """Yields the terms that AND joins, and single conditions of a WHERE."""
    bounds = bounds_of_between(words)
    for place in range(1, len(words)):
        before = words[place - 1].text
        end = end_of_term(words, place)
        if before not in BEGINS or place - 1 in bounds or end in (place, len(words)):
            continue
        after = words[end].text
        if "AND" in (before, after):
            yield Span(TERM, words[place].start, words[end - 1].end, "true")
        elif before == "WHERE" and after != "OR" and words[place].text != "false":  # WHERE false only waits for its tables, and returns no rows
            yield Span(CONDITION, words[place].start, words[end - 1].end, "true")


def guards(words: Sequence[Token]) -> Iterator[Span]:
    """Yields each reason for which a function ends early: the terms that OR joins between IF and THEN RETURN or THEN RAISE."""
    for place, word in enumerate(words):
        if word.text not in ("IF", "ELSIF") or (place and words[place - 1].text == "END"):
            continue
        reasons, at = [], place + 1
        while at < len(words):
            end = at
            while words[end := end_of_term(words, end)].text == "AND":
                end += 1
            reasons.append(Span(GUARD, words[at].start, words[end - 1].end, "false"))
            at = end + 1
            if words[end].text != "OR":
                break
        if words[at - 1].text == "THEN" and words[at].text in ("RETURN", "RAISE"):
            yield from reasons


def without(text: str, span: Span) -> str:
    return text[: span.start] + span.instead + text[span.end :]


def in_texts(of: str, text: str, head: str, tail: str) -> Iterator[Mutant]:
    words, met = tokens(text), Counter[str]()
    for span in sorted({*terms(words), *guards(words)}, key=lambda span: (span.start, span.end)):
        taken = " ".join(text[span.start : span.end].split())
        met[taken] += 1
        again = f" ({met[taken]})" if met[taken] > 1 else ""
        yield Mutant(span.kind, of, of, taken + again, head + without(text, span) + tail)


def mutants(owner: Connection[Any]) -> Iterator[Mutant]:
    """Yields every mutant. `owner` is any connection to a database with the rules."""
    for name, definition in owner.execute(f"SELECT p.proname::text, pg_get_functiondef(p.oid) FROM pg_proc p WHERE {OURS} ORDER BY 1".encode()):
        head, body, tail = definition.split(BODY)
        yield from in_texts(name, body, head + BODY, BODY + tail)
    for name, definition in owner.execute(VIEWS):
        yield from in_texts(name, definition, f"CREATE OR REPLACE VIEW {name} AS ", "")
    for name, table, function in owner.execute(TRIGGERS):
        yield Mutant(TRIGGER, f"{name} on {table}", function, name, f"DROP TRIGGER {name} ON {table}")
    for name, table in owner.execute(POLICIES):
        yield Mutant(POLICY, f"{name} on {table}", table, name, f"DROP POLICY {name} ON {table}")
    for right, thing, name, login in owner.execute(GRANTS.encode()):
        yield Mutant(GRANT, name, name, f"{right} to {login}", f"REVOKE {right} ON {thing} FROM {login}")
