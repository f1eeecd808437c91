"""Calls of functions that no person's request makes: those of door, jobs and intake, and those that only other functions call.

They are variants like the others: each is called as usual, with odd arguments, and after another one of its login. Arguments follow from
their names. The database has more in it than the casts: codes, factors, mails, tries, and requests that lapsed (WORLD).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import psycopg

from tests.cast import identity
from tests.house.expected_ties import DAY
from tests.house.matrix_school import MatrixSchool
from tests.house.variants import Signature, Variant, Variants
from tests.school import proof_of

FOLDER = Path(__file__).parent / "calls"
FUNCTIONS = """SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), coalesce(p.proargnames[1:p.pronargs], '{}'), p.prosrc,
        p.provolatile = 'v' OR p.prorettype = 'record'::regtype, p.proretset, p.oid::regprocedure::text
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
        AND NOT starts_with(p.proname, 'probe_') AND NOT starts_with(p.proname, 'matrix_') AND p.proname <> ALL (%s)
        AND CASE WHEN %s = 'owner' THEN p.provolatile = 'v' AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner)
            ELSE has_function_privilege(%s, p.oid, 'EXECUTE') END ORDER BY 1, 2"""
ROW = re.compile(r"\(SELECT w FROM (\w+) w WHERE w.ctid = '\(\d+,(\d+)\)'::tid\)")
LOGINS = ("door", "jobs", "intake", "owner")
# They need a file's staged tables, or what they do moves with the clock.
LEFT_OUT = """first_load_close first_load_open images_begin erase_rows undo_rows undo_changed undo_filled undo_gone undo_new ledger_head claim
    write_list_opening write_opening unconfirmed_since session_handle entries_unlinked students_unlinked stop_duty""".split()


def person(name: str) -> str:
    return f"(SELECT id FROM person WHERE sourced_id = '{name}')"


def account(name: str, side: str) -> str:
    return f"(SELECT id FROM account WHERE uuid = '{identity(f'account/{name}/{side}')}')"


ANAS, TIAS = account("ana", "family"), account("tia", "family")
TOGETHER = 60  # calls of one function with its arguments' values
SOON, PAST, LONG_AGO = "now() + interval '9 days'", "now() - interval '1 day'", "now() - interval '400 days'"
WORLD = f"""
    INSERT INTO passkey (uuid, account_id, name, credential_id, attested, sign_count) VALUES ('{identity("key")}', {ANAS}, 'k', 'ana', '-', 3);
    INSERT INTO authenticator (uuid, account_id, name, secret, last_step) VALUES ('{identity("app")}', {ANAS}, 'a', 'secret', 3);
    INSERT INTO recovery_code (account_id, hash, used_at) VALUES ({ANAS}, 'r1', NULL), ({ANAS}, 'r2', NULL), ({ANAS}, 'r0', {PAST});
    INSERT INTO mail_address (account_id, address, proven_at, ended_at) VALUES ({TIAS}, 'old@mail.example', {LONG_AGO}, {PAST}),
        ({account("bo", "staff")}, 'bo@mail.example', NULL, NULL), ({TIAS}, 'tia@mail.example', now(), NULL);
    INSERT INTO code (person_id, side, kind, digest, expires_at, used_at, ended_at) VALUES
        ({person("ana")}, 'family', 'password', 'c1', {SOON}, NULL, NULL), ({person("ana")}, 'family', 'factors', 'c2', {SOON}, NULL, NULL),
        ({person("sam")}, 'staff', 'wake', 'c3', {SOON}, NULL, NULL), ({person("ana")}, 'family', 'password', 'late', {PAST}, NULL, NULL),
        ({person("ana")}, 'family', 'password', 'used', {SOON}, {PAST}, NULL), ({person("ana")}, 'family', 'password', 'ended', {SOON}, NULL, {PAST}),
        ({person("ana")}, 'family', 'password', 'old', {LONG_AGO}, {LONG_AGO}, NULL);
    INSERT INTO code (person_id, side, kind, digest, expires_at, address_id)
        SELECT a.person_id, a.side, 'address', 'c4', {SOON}, m.id FROM mail_address m JOIN account a ON a.id = m.account_id WHERE m.proven_at IS NULL;
    INSERT INTO card (person_id, section_id, digest, made_by_id, made_at, ended_at)
        SELECT {person("max")}, s.id, w.digest::bytea, {person("bo")}, w.at, w.over FROM section s,
            (VALUES ('card', now(), NULL), ('ended', now(), {PAST}), ('old', {LONG_AGO} - interval '400 days', {LONG_AGO})) w (digest, at, over)
        WHERE s.sourced_id = 'algebra';
    INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at, used_at, ended_at)
        SELECT c.id, sha256(w.digest::bytea), 'post', {person("carl")}, w.until, w.used, w.over FROM contact c, (VALUES ('letter', {SOON}, NULL::timestamptz,
            NULL::timestamptz), ('late', {PAST}, NULL, NULL), ('used', {SOON}, {PAST}, NULL), ('ended', {SOON}, NULL, {PAST})) w (digest, until, used, over)
        WHERE c.sourced_id = 'contact/ana/nina';
    INSERT INTO known_browser (key, account_id, last_at) VALUES (sha256('known'), {ANAS}, now()), (sha256('long ago'), {ANAS}, {LONG_AGO}),
        (sha256('his'), {account("bo", "staff")}, now());
    INSERT INTO sign_in_try (of, at) SELECT w.of, now() - w.ago FROM (VALUES ('name'::bytea, interval '1 minute'), ('name', '2 minutes'), ('name', '3 minutes'),
        ('name', '4 minutes'), ('name', '5 minutes'), ('other', '2 hours'), ('other', '1 minute'), ('address', '2 minutes'), ('address', '2 days')) w (of, ago);
    INSERT INTO sign_in_step (key, kind, account_id, state, expires_at) VALUES ('step', 'second', {ANAS}, '{{}}', {SOON}),
        ('over', 'second', {ANAS}, '{{}}', {PAST});
    INSERT INTO supporter (uuid, name, code, code_until) VALUES ('{identity("lee")}', 'Lee Hart', 'supporter', {SOON}),
        ('{identity("kim")}', 'Kim Low', 'late', {PAST});
    INSERT INTO account_mail (account_id, kind, language, made_at, next_at, handed_at, sent_at) SELECT {TIAS}, w.kind, 'en', w.made, w.next, w.handed, w.sent
        FROM (VALUES ('changed', now(), now(), NULL::timestamptz, NULL::timestamptz), ('browser', now(), {SOON}, NULL, NULL),
            ('challenge', {PAST}, now(), now(), NULL), ('written', {LONG_AGO}, now(), now(), now()), ('closed', now(), now(), NULL, NULL),
            ('lapsed', {PAST}, now(), NULL, NULL), ('reset', now(), now(), NULL, NULL)) w (kind, made, next, handed, sent);
    INSERT INTO letter_try (person_id, at) VALUES ({person("ana")}, {LONG_AGO});
    INSERT INTO dependence (student_id, basis, recorded_by_id, until) VALUES ({person("max")}, 'tax return', {person("carl")}, today() - 1);
    UPDATE registration SET child_given_name = 'Old', asked_at = {LONG_AGO} WHERE uuid = '{identity("asked/jo")}';
    UPDATE tutor_request SET matched_at = NULL, student_id = NULL WHERE uuid = '{identity("wanted")}';
    UPDATE registration SET matched_at = NULL, student_id = NULL, is_exact = false WHERE uuid = '{identity("asked")}';
    UPDATE session SET ended_at = NULL WHERE ended_at = now();
    INSERT INTO account_notice (account_id, what) VALUES ({ANAS}, 'school wrote'), ({TIAS}, 'school wrote')
"""
SAID = f"""jsonb_build_object('school', '{identity("middle")}', 'given_name', 'Nina', 'family_name', 'Ruiz', 'birth_date', '2014-01-01',
    'relation', 'mother', 'phone', '', 'organization', 'Club', 'purpose', 'Chess', 'kinds', '["grades"]'::jsonb, 'start', {DAY}, 'basis', 'court order',
    'views', '["grades"]'::jsonb, 'rights', '[]'::jsonb, 'proof', 'in person', 'name', 'x', 'end', NULL, 'effect', 'no access')"""
# Name of an argument → its value; a list: each in turn. Literals, since a login reads no table.
GIVEN: dict[str, Any] = {
    "given": "'Mo'", "family": "'Lake'", "name": ["'ana.family'", "'bo.staff'", "'nobody'"],
    "named": "'mo@mail.example'", "in_language": "'en'", "how": "'password'",
    "strong": "true", "on_device": "'Firefox'", "wants_own": "false", "idle": "interval '1 hour'", "longest": "interval '12 hours'",
    "own": "interval '30 days'", "lasts": "interval '9 minutes'", "most": "2", "sealed": "'x'::bytea", "step": "5", "half": "'x'::bytea",
    "count": "5", "hash": "'h'", "long": "true", "hashes": "ARRAY['h1', 'h2']::bytea[]", "of_handle": "'x'", "what": "'password changed'",
    "since": f"{PAST}", "browser_since": f"{PAST}", "moment": "now()", "before": f"{PAST}", "said": "'sent'", "not_taken": "false", "is_told": "true",
    "of_file": "'users.csv'", "first_xid": "0", "after": "0", "words": "'x'", "why": "'x'", "by_capacity": "'administrator'",
    "in_capacity": "'administrator'", "capacity": "'administrator'", "on_side": ["'family'", "'staff'", "'student'"], "password": "'nina ruiz 2014'",
    "more": "ARRAY['lincoln']", "of_state": "'{}'::jsonb", "old_key": "NULL::bytea", "evidence": "'photo id'", "until_day": f"{DAY} + 9",
    "first": DAY, "last": f"{DAY} + 9", "of_duty": ["'registrar'", "'principal'"], "became": "'approved'", "kinds": "ARRAY['grades']",
    "event": "'tie made'", "of": ["ARRAY[2]", "'tutors'"], "public_half": "'x'::bytea", "of_sourced_id": "'nina'", "by_directive": "'letter'",
    "by_act": "'codes'", "of_kinds": "ARRAY['names']", "otherwise": "'approved'", "only_district": ["true", "false"], "by_mail": ["true", "false"],
    "because": "'court'", "answer": "'same person'", "by_office": "true", "of_browser": "'Firefox'", "how_many": "2", "by_day": DAY,
    "signed": "'Ana Ruiz'", "typed": "'x'", "how_checked": "'known'", "as_of": f"{PAST}", "missing": "2", "becomes": "'off'",
    "of_setting": ["'tutors'", "'registering'"], "by_two": "NULL::uuid", "is_shared": "false", "code": ["'letter'", "'late'", "'x'"],
    "of_self": "false", "marks": "ARRAY['name']::bytea[]", "but_for": person("ana"), "in_session": "NULL::bytea", "of_number": "1",
    "own_key": "sha256('known')", "leave": f"'{identity('upload')}'", "targets": "ARRAY['person']",
    "known": "jsonb_build_object('sourced_id', 'nina')", "counts": "'{}'::jsonb[]", "target": "'person'",
}  # fmt: skip
PEOPLE_BY = {
    **dict.fromkeys(("by_person", "viewer"), "carl"),
    "who": "ana bo nina lou uma",
    "adult": "ana jo lou dee",
    "child": "nina leo max",
    "student": "nina max ivy",
    "about": "nina kai",
}
KEYS = {  # bytea arguments: the usual one, and others
    "of_code": ("'c1'", "'c2'", "'c3'", "'c4'", "'late'", "'used'", "'ended'", "'old'"),
    "of_card": ("'card'", "'ended'", "'old'"),
    "of_hash": ("'r1'", "'r0'", "'x'"),
    "of_credential": ("'ana'", "'x'"),
    "digest": ("'supporter'", "'late'"),
    "credential": ("'ray'", "'ana'"),
    "of_name": ("'name'", "'other'", "'new'"),
    "of_address": ("'address'", "'new'"),
    **dict.fromkeys(("own_browser", "browser", "of_browser"), ("sha256('known')", "sha256('long ago')", "sha256('his')", "sha256('new')")),
    **dict.fromkeys(("new_browser", "new_key"), ("sha256('another')",)),
}
ROWS_OF = {
    "which": "tie",
    **dict.fromkeys(("of_delivery", "delivery"), "delivery"),
    **dict.fromkeys(("of_school", "place"), "school"),
    "of_proposal": "proposal",
    "entry": "ledger",
}
ROWS_OF_ONE = {"account_mail_answered": "account_mail", "hand_account_mail": "account_mail", "delivery_told": "delivery"}  # function → the table
UUIDS = {
    "of_account": "account/ana/family account/tia/family account/bo/staff",
    "account_uuid": "account/ana/family account/bo/staff",
    "factor": "app key",
    "of_app": "app",
    "which": "duty restriction support/ray tie/ana/nina challenge",
    "child": "nina max",
    "leave": "upload",
    "of_school": "middle",
}


def key_of(name: str, side: str) -> str:
    """As the session's row has it, and as door asks for it."""
    return rf"'\x{sha256(proof_of(name, side)).hexdigest()}'"


SESSIONS = {key_of(*who.split("/")): f"key of {who}" for who in ("ana/family", "tia/family", "bo/staff", "ana/ended", "dana/staff", "nina/student")}


def write_world(owner: psycopg.Connection[Any]) -> None:
    for statement in WORLD.split(";\n"):
        owner.execute(statement.encode())


def others_of(values: list[list[str]]) -> Iterator[list[str]]:
    """Every choice but the first; where there are many, one argument at a time."""
    if prod(map(len, values)) <= TOGETHER:
        yield from (list(given) for given in list(product(*values))[1:])
        return
    usual = [each[0] for each in values]
    for place, others in enumerate(values):
        yield from ([*usual[:place], other, *usual[place + 1 :]] for other in others[1:])


@dataclass(frozen=True)
class Function:
    name: str
    types: list[str]
    names: list[str]
    source: str
    is_act: bool
    is_set: bool
    signature: str


class Calls:
    """unfit: functions whose arguments have no value here."""

    def __init__(self, ready: MatrixSchool, superuser: psycopg.Connection[Any], variants: Variants) -> None:
        self.superuser, self.variants, self.unfit = superuser, variants, list[str]()
        self.tables = set(variants.tables.values()) | {"ledger", "opening"}
        for name, side in ((name, side) for name in ready.ids for side in ("family", "staff", "student")):
            ready.names[str(identity(f"account/{name}/{side}"))] = f"account/{name}/{side}"
        self.every = [variant for login in LOGINS for variant in self.of_login(login)]

    def of_login(self, login: str) -> Iterator[Variant]:
        usual: dict[str, Variant] = {}
        for function in [Function(*row) for row in self.superuser.execute(FUNCTIONS, [LEFT_OUT, login, login])]:
            values = [self.literals(self.values(function, type_, name)) for type_, name in zip(function.types, function.names, strict=False)]
            if not all(values):
                self.unfit.append(function.name)
                continue
            first = self.variant(login, function, [each[0] for each in values])
            yield first
            usual[function.name] = first
            yield from (self.variant(login, function, given) for given in others_of(values))
            for tweak in self.variants.tweaks.of(function.source):
                yield self.variants.tweaked(first, tweak)
            if login != "owner":
                yield from self.odd(login, function, [each[0] for each in values], first)
        if login in ("door", "intake"):
            yield from self.after(usual)

    def odd(self, login: str, function: Function, given: list[str], usual: Variant) -> Iterator[Variant]:
        signature = Signature(function.types, function.names, function.source)
        for place, (type_, name) in enumerate(zip(function.types, function.names, strict=False)):
            for value in self.variants.kinds(type_, given[place], signature):
                call = self.call(function, [*given[:place], value, *given[place + 1 :]])
                said = self.variants.plain(value.replace(given[place], "…") if type_ == "jsonb" else value)
                yield Variant(login, (function.name,), f"{usual.name} | {name}", usual.begin, call, usual, value=said)

    def after(self, usual: dict[str, Variant]) -> Iterator[Variant]:
        for before, then in product(usual.values(), usual.values()):
            if before.is_act:
                name, begin = f"{before.name}, then {then.name}", f"{before.begin}; {before.statement}"
                yield Variant(then.room, (*before.functions, *then.functions), name, begin, then.statement, then, before)

    def variant(self, login: str, function: Function, given: list[str]) -> Variant:
        said = ROW.sub(r"\1 \2", ", ".join(SESSIONS.get(value) or self.variants.plain(value) for value in given))
        name = f"{function.name} | {login}{f': {said}' if said else ''}"
        return Variant(login, (function.name,), name, f"SET LOCAL ROLE {login}", self.call(function, given), is_act=function.is_act)

    def call(self, function: Function, given: list[str]) -> str:
        called = f"public.{function.name}({', '.join(given)})"
        return f"SELECT json_agg(w)::text FROM {called} w" if function.is_set else f"SELECT to_jsonb({called})::text"

    def literals(self, values: list[str]) -> list[str]:
        """Numbers of rows instead of queries for them: a login reads no table."""
        found = [self.superuser.execute(f"SELECT {value}".encode()).fetchone() or (None,) if value.startswith("(SELECT id") else (value,) for value in values]
        return [str(value) for (value,) in found if value is not None]

    def values(self, function: Function, type_: str, name: str) -> list[str]:
        """Of one argument, the usual one first."""
        if type_ in self.tables:
            places = self.superuser.execute(f"SELECT ctid FROM {type_} ORDER BY ctid LIMIT 25".encode())
            return [f"(SELECT w FROM {type_} w WHERE w.ctid = '{place}'::tid)" for (place,) in places]
        if type_ == "uuid":
            return self.uuids(name)
        if type_ == "bytea" and name == "of_key":
            return [*SESSIONS, "'step'", "'over'"]
        if type_ == "bytea" and name in KEYS:
            return [f"{value}::bytea" for value in KEYS[name]]
        if type_ == "jsonb" and name == "said":
            return [SAID]
        if type_ in ("integer", "bigint") and name in PEOPLE_BY:
            return [person(who) for who in PEOPLE_BY[name].split()]
        if type_ == "bigint" and name in ("of_account", "account"):
            return [ANAS, TIAS]
        if type_ in ("integer", "bigint") and name in ROWS_OF:
            table = ROWS_OF_ONE.get(function.name, ROWS_OF[name])
            return [f"(SELECT id FROM {table} ORDER BY id OFFSET {place} LIMIT 1)" for place in range(12)]
        if type_ == "integer[]":
            return [f"ARRAY[{person('nina')}, {person('max')}]"]
        if type_ == "bigint[]":
            return ["ARRAY[1, 2, 3]::bigint[]"]
        given = GIVEN.get(name) or []
        return [given] if isinstance(given, str) else [value for value in given if value]

    def uuids(self, name: str) -> list[str]:
        return [f"'{identity(each)}'::uuid" for each in UUIDS.get(name, "").split()]
