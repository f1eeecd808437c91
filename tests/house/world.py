"""Rows that the calls need in addition to the casts, and values of arguments by their names."""

from hashlib import sha256
from typing import Any

import psycopg

from tests.cast import identity
from tests.house.expected_ties import DAY
from tests.house.matrix_school import MatrixSchool, prepare
from tests.school import School, proof_of
from tests.writer import CANARY


def person(name: str) -> str:
    return f"(SELECT id FROM person WHERE sourced_id = '{name}')"


def account(name: str, side: str) -> str:
    return f"(SELECT id FROM account WHERE uuid = '{identity(f'account/{name}/{side}')}')"


def stranger(name: str) -> str:
    """Returns a query for a person that no file names."""
    return f"(SELECT id FROM person WHERE uuid = '{identity(name)}')"


def tie(name: str) -> str:
    return f"(SELECT id FROM tie WHERE uuid = '{identity(f'tie/{name}')}')"


def key_of(name: str, side: str) -> str:
    """Returns the key as the session's row has it, and as door uses it."""
    return rf"\x{sha256(proof_of(name, side)).hexdigest()}"


KEY_OF_A_CARD = key_of("ivy", "card")
ANAS, TIAS = account("ana", "family"), account("tia", "family")
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
    INSERT INTO code (person_id, side, kind, digest, expires_at, checked, opens_at) VALUES
        ({person("ana")}, 'family', 'password', 'mailed', {SOON}, 'mail', NULL),
        ({person("tia")}, 'family', 'password', 'waits', {SOON}, 'mail', now() + interval '10 minutes');
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
        ('name', '4 minutes'), ('name', '5 minutes'), ('other', '2 hours'), ('other', '1 minute'),
        ('address', '-2 hours'), ('address', '-1 hour'), ('address', '2 days')) w (of, ago);
    INSERT INTO wrong_password (of, tries, last_at)
        VALUES ('name', 3, now()), ('known', 1, {PAST}), ('strangers', 80, now()), ('long ago', 5, {LONG_AGO} - interval '1 day');
    INSERT INTO security_event (at, kind, result, xid) VALUES (now() - interval '400 days', 'file', 'held', 1);
    INSERT INTO look_count (person_id, hour, is_staff, students)
        SELECT {person("bo")}, date_trunc('hour', now() - make_interval(days => n)), true, 160 FROM generate_series(1, 6) n;
    UPDATE district SET it_mail = 'it@lincoln.example';
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
    UPDATE restoration SET confirmed_at = now();
    UPDATE registration SET asked_at = {LONG_AGO} WHERE uuid = '{identity("asked/kit")}';
    UPDATE session SET created_at = {LONG_AGO} WHERE side = 'staff' AND person_id = {person("oz")};
    UPDATE narrowing SET number = id, sealed_at = CASE WHEN id < 3 THEN {LONG_AGO} WHEN id < 5 THEN now() END;
    INSERT INTO upload (id, at, by_id) VALUES ('{identity("upload/new")}', (SELECT received_at FROM delivery WHERE id = 2), {person("carl")}),
        ('{identity("upload/old")}', {LONG_AGO}, {person("carl")});
    INSERT INTO bucket_image (at, file, delivery_id) VALUES ({LONG_AGO}, 'users.csv', 1), (now(), 'users.csv', 1);
    INSERT INTO row_image (at, kind, delivery_id) VALUES ({LONG_AGO}, 'begun', 1), (now(), 'begun', 1);
    INSERT INTO person (uuid, given_name, family_name) VALUES ('{identity("eva")}', 'Eva', 'Wren');
    INSERT INTO account (uuid, person_id, side, sign_in_name, is_active) VALUES
        ('{identity("lapsed")}', {person("sam")}, 'family', 'lapsed-{identity("lapsed")}', false),
        ('{identity("eva's")}', {stranger("eva")}, 'family', 'eva.family', true);
    INSERT INTO mail_address (account_id, address, proven_at, ended_at)
        SELECT id, 'sam@mail.example', {LONG_AGO}, {LONG_AGO} FROM account WHERE uuid = '{identity("lapsed")}';
    INSERT INTO role (sourced_id, ended_at, role, delivery_id, person_id, school_id) SELECT w.name, w.over, 'teacher', 1, w.who, s.id FROM school s,
        (VALUES ('vera/over', now(), {person("vera")}), ('pat/over', now(), {person("pat")}), ('pat/now', NULL, {person("pat")})) w (name, over, who)
        WHERE s.sourced_id = 'middle';
    INSERT INTO support_grant (uuid, students, began_at, until, proposal_id, supporter_id)
        SELECT '{identity("support/over")}', students, {LONG_AGO}, {LONG_AGO} + interval '1 hour', proposal_id, supporter_id FROM support_grant
        WHERE uuid = '{identity("support/ray")}';
    INSERT INTO account_end (account_id, delivery_id) VALUES ({account("bo", "staff")}, 1), ({account("dana", "staff")}, 2);
    INSERT INTO erased_student (uuid, sourced_ids, directive) VALUES ('{identity("gone")}', ARRAY['gone', 'gone too'], 'letter');
    INSERT INTO proposal (kind, payload, reason, proposed_by_id, decided_by_id, state) SELECT w.kind, w.said, 'x', {person("carl")}, {person("ada")},
        'carried out' FROM (VALUES ('lifted restriction', jsonb_build_object('restriction', '{identity("restriction")}')),
            ('lifted suspension', jsonb_build_object('challenge', '{identity("challenge")}', 'act', 'restored', 'how', 'photo id')),
            ('tie named', jsonb_build_object('tie', '{identity("tie/zoe/nina")}')), ('parent accounts', jsonb_build_object('student', '{identity("sia")}')),
            ('open after restoration', jsonb_build_object('restoration', '{identity("restoration")}')),
            ('withheld entry', jsonb_build_object('student', '{identity("nina")}', 'until', {DAY} + 9, 'entry', 1, 'basis', 'safety'))) w (kind, said);
    INSERT INTO tutor_request (uuid, person_id, school_id, student_id, child_given_name, child_family_name, child_birth_date, kinds, purpose, last_day,
        asked_at, matched_at) SELECT '{identity("wanted/eva")}', {stranger("eva")}, school_id, {person("leo")}, child_given_name, child_family_name,
        child_birth_date, kinds, purpose, last_day, now(), now() FROM tutor_request WHERE uuid = '{identity("wanted")}';
    INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, last_seen_at, previous_visit_at, proven_at, is_strong, method)
        SELECT '{KEY_OF_A_CARD}', account_id, person_id, side, idle_limit, expires_at, last_seen_at, previous_visit_at, proven_at, is_strong, 'card'
        FROM session WHERE person_id = {person("ivy")} AND side = 'student' AND ended_at IS NULL LIMIT 1;
    INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES ('{identity("vera's")}', {person("vera")}, 'family', 'vera.family');
    INSERT INTO account_notice (account_id, what) VALUES ({ANAS}, 'school wrote'), ({TIAS}, 'school wrote');
    UPDATE district SET code_approves = true, preferred_names = 'staff';
    INSERT INTO dependence (student_id, basis, recorded_by_id) VALUES ({person("nina")}, 'tax return', {person("carl")});
    INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at, used_at)
        SELECT c.id, sha256('pias'), 'post', {person("carl")}, {SOON}, {PAST} FROM contact c WHERE c.sourced_id = 'contact/pia/kai';
    UPDATE registration SET contact_code_id = (SELECT id FROM contact_code WHERE digest = sha256('pias')) WHERE uuid = '{identity("asked/pia")}';
    UPDATE contact_detail SET email = 'kai@{CANARY}.example', delivery_id = (SELECT id FROM delivery WHERE digest = repeat('2', 64))
        WHERE person_id = {person("kai")};
    INSERT INTO mail_address (account_id, address, proven_at) VALUES ({account("kit", "student")}, 'kai@{CANARY}.example', {PAST});
    INSERT INTO contact_join (uuid, contact_id, person_id, how) SELECT md5(w.who::text)::uuid, c.id, w.who, 'office' FROM contact c, (VALUES
        ({person("lou")}), ({stranger("eva")})) w (who) WHERE c.sourced_id = 'contact/quin/kai';
    INSERT INTO contact (sourced_id, student_id, name, phone, relationship, delivery_id) SELECT w.name, w.child, w.called, w.phone, 'Mother', 1 FROM (VALUES
        ('alike/ana', {person("nina")}, 'Ana Ruiz', ''), ('alike/eli', {person("leo")}, 'Eli North', '555 555 0101')) w (name, child, called, phone);
    UPDATE contact SET phone = '(555) 555-0101' WHERE sourced_id = 'contact/eli/leo';
    INSERT INTO person (uuid, given_name, family_name) VALUES ('{identity("eva too")}', 'Eva', 'Wren');
    INSERT INTO section (sourced_id, title, kind, course_id, school_id, periods) SELECT 'choir', 'Choir', kind, course_id, school_id, periods FROM section
        WHERE sourced_id = 'algebra';
    INSERT INTO line_item (key, section_id, category_id, term_id, title, assign_date, due_date, score_max, is_grade) SELECT '{identity("song")}', s.id,
        i.category_id, i.term_id, 'Song', i.assign_date, i.due_date, 10, false FROM line_item i, section s
        WHERE s.sourced_id = 'choir' AND i.title = 'Science quiz' AND i.ended_at IS NULL;
    INSERT INTO result (id, line_item_id, student_id, status, score, score_date, delivery_id) SELECT '{identity("song/nina")}', i.id, {person("nina")}, 1, 8,
        i.due_date, 1 FROM line_item i WHERE i.title = 'Song'
"""
SAID = f"""jsonb_build_object('school', '{identity("middle")}', 'given_name', 'Nina', 'family_name', 'Ruiz', 'birth_date', {DAY} - 4715,
    'relation', 'mother', 'phone', '', 'organization', 'Club', 'purpose', 'Chess', 'kinds', '["grades"]'::jsonb, 'start', {DAY}, 'basis', 'court order',
    'views', '["grades"]'::jsonb, 'rights', '[]'::jsonb, 'proof', 'in person', 'name', 'x', 'end', NULL, 'effect', 'no access', 'paper', 'x')"""
# Name of an argument → its value, or a list of values that are used in turn. They are literals, because a login reads no table.
GIVEN: dict[str, Any] = {
    "given": "'Mo'", "family": "'Lake'", "name": ["'ana.family'", "'bo.staff'", "'nobody'"],
    "named": "'mo@mail.example'", "in_language": "'en'", "how": "'password'",
    "strong": "true", "on_device": "'Firefox'", "wants_own": "false", "idle": "interval '1 hour'", "longest": "interval '12 hours'",
    "own": "interval '30 days'", "lasts": "interval '9 minutes'", "most": "2", "sealed": "'x'::bytea", "step": "5", "half": "'x'::bytea",
    "count": "5", "hash": "'h'", "long": "true", "hashes": "ARRAY['h1', 'h2']::bytea[]", "of_handle": ["NULL::text", "'x'"], "what": "'password changed'",
    "since": f"{PAST}", "browser_since": f"{PAST}", "moment": "now()", "before": f"{PAST}", "said": "'sent'", "not_taken": "false", "is_told": "true",
    "of_file": "'users.csv'", "first_xid": "0", "after": "0", "words": "'x'", "why": "'x'", "by_capacity": "'administrator'",
    "in_capacity": "'administrator'", "capacity": "'administrator'", "on_side": ["'family'", "'staff'", "'student'"],
    "password": ["'ana ruiz 20'", "'nina ruiz 2014'"],
    "more": "ARRAY['lincoln']", "of_state": "'{}'::jsonb", "old_key": "NULL::bytea", "evidence": "'photo id'", "until_day": f"{DAY} + 9",
    "first": DAY, "last": f"{DAY} + 9", "of_duty": ["'registrar'", "'principal'"], "became": "'approved'", "kinds": "ARRAY['grades']",
    "event": "'tie made'", "of": ["ARRAY[2]", "'tutors'"], "public_half": "'x'::bytea", "of_sourced_id": ["'nina'", "'gone'"], "by_directive": "'letter'",
    "by_act": "'codes'", "of_kinds": "ARRAY['names']", "otherwise": "'approved'", "only_district": ["true", "false"], "by_mail": ["true", "false"],
    "because": "'court'", "answer": "'same person'", "by_office": "true", "of_browser": "'Firefox'", "how_many": "2", "by_day": DAY,
    "signed": "'Ana Ruiz'", "typed": "'x'", "how_checked": "'known'", "as_of": f"{PAST}", "missing": "2", "becomes": "'off'",
    "of_setting": ["'tutors'", "'registering'"], "by_two": "NULL::uuid", "is_shared": "false",
    "code": ["encode(sha256('letter'), 'hex')", "encode(sha256('late'), 'hex')", "'x'"],
    "within": "interval '1 hour'", "waited": ["interval '6 minutes'", "interval '0'"],
    "of_wrong": ["ARRAY['known', 'name']::bytea[]", "ARRAY['known', 'strangers']::bytea[]"],
    "of_self": "false", "marks": "ARRAY['name']::bytea[]", "but_for": person("ana"), "in_session": "NULL::bytea",
    "session_before": "NULL::bytea", "print": "(SELECT fingerprint FROM signer LIMIT 1)", "of_number": "1",
    "own_key": "sha256('known')", "leave": f"'{identity('upload')}'", "targets": "ARRAY['person']",
    "from_address": "'0123456789abcdef0123456789abcdef'", "of_what": "'password'", "of_act": "'child'", "of_mail": "'closed'",
    "is_twice": ["false", "true"], "is_back": ["false", "true"], "people": "ARRAY[1, 2]", "of_person": "1",
    "of_incident": "1", "of_notice": ["'first notice'", "'second notice'"], "of_release": "1", "outcome": ["'sent'", "'refused'", "'not taken'"],
    "has_relay": ["true", "false"], "codes": "ARRAY['h1', 'h2']::bytea[]", "with_card": ["false", "true"],
    "of_moment": "NULL::timestamptz", "known": "jsonb_build_object('sourced_id', 'nina')", "counts": "'{}'::jsonb[]", "target": "'person'",
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
    "credential": ("'ray''s passkey'", "'ana'"),
    **dict.fromkeys(("of_name", "of_here"), ("'name'", "'other'", "'new'")),
    "mark": ("'name'", "'strangers'", "'new'"),
    "of_address": ("'address'", "'new'"),
    **dict.fromkeys(("own_browser", "browser", "of_browser", "named"), ("sha256('known')", "sha256('long ago')", "sha256('his')", "sha256('new')")),
    **dict.fromkeys(("new_browser", "new_key"), ("sha256('another')",)),
}
ROWS_OF = {
    **dict.fromkeys(("which", "by_tie", "of_tie"), "tie"),
    **dict.fromkeys(("of_delivery", "delivery"), "delivery"),
    **dict.fromkeys(("of_school", "place"), "school"),
    "of_proposal": "proposal",
    "of_merge": "merge",
    "entry": "ledger",
}
ROWS_OF_ONE = {"account_mail_answered": "account_mail", "hand_account_mail": "account_mail", "delivery_told": "delivery",
              "hand_letter_mail": "breach_letter", "letter_mail_answered": "breach_letter"}  # function → the table
GIVEN_TO = {  # function and argument
    "use_code of_code": [f"'{code}'::bytea" for code in ("c1", "c2", "c3", "c4", "mailed", "late", "used", "ended", "old")],
    "use_code browser": ["sha256('known')", "sha256('new')"],
    **{f"{function} of_code": [f"'{code}'::bytea" for code in ("mailed", "waits", "c1", "c2", "c4", "late", "used", "ended")]
       for function in ("code_of", "code_wait", "begin_code_wait")},
    "begin_step of_kind": ["'second'"],
    "step_shown of_kind": ["'second'", "'reset'"],
    "keep_code of_kind": ["'password'", "'factors'"],
    "mail_account of_kind": ["'closed'", "'asks'"],
    "make_tie of_kind": ["'parent'", "'tutor'"],
    "set_tie_by_operator of_kind": ["'parent'", "'tutor'"],
    "propose of_kind": ["'wider setting'", "'safety emergency'"],
    "propose what": ["'{}'::jsonb"],
    "write_fact of_kind": ["'note'"],
    "end_supporter which": [f"'{identity('supporter/sue')}'::uuid"],
    "empty_column of_file": ["'results.csv'"],
    "empty_column of_name": ["'comment'"],
    "add_supporter of_name": ["'Kim Park'"],
    "add_supporter digest": ["'new'::bytea"],
    "keep_code of_code": ["'new'::bytea"],
    "finish_challenge became": ["'ended'", "'restored'", "'proven'"],
    "write_setting becomes": ["'off'", "'on'", "'closed'"],
    "write_setting by_two": ["NULL::uuid"],
    "write_grade_categories becomes": ["ARRAY['Homework']", "ARRAY['a', 'A']"],
    "write_message of_challenge": ["1"],
    "write_message of_tie": ["NULL::integer"],
    "write_message of_request": ["NULL::integer"],
    **{f"{function} as_contact": [f"(SELECT id FROM contact WHERE uuid = '{identity('contact/pia/kai')}')", "NULL::integer"]
       for function in ("join_registered", "tie_registered")},
    "join_adult how": ["'office'"],
    "join_adult which": [f"(SELECT id FROM contact WHERE uuid = '{identity('contact/pia/kai')}')"],
    "close_asker who": [stranger("eva"), person("ana"), stranger("kit")],
    "claim_upload about": ["2", "3"],
    "claim_upload leave": [f"'{identity(name)}'::uuid" for name in ("upload/new", "upload")],
    "mail_of_request who": [person("tia"), person("ana")],
    "open_after_age which": [tie("ora/ivy"), tie("pia/ivy")],
    "pass_rights_if_due student": [person("hal"), person("nina")],
    "settle_age which": [tie("ora/ivy"), tie("pia/ivy")],
    "write_consent made": [f"(SELECT w FROM tie w WHERE w.uuid = '{identity('tie/tia/ned')}')"],
    "write_consent by_tie": [tie("ana/leo")],
    "end_if_over adult": [person("oz"), person("ana")],
    "end_if_over student": [person("leo"), person("nina")],
    "ledger_change student": [person("nina"), "NULL::integer"],
    "new_person said": ["jsonb_build_object('given', 'Mo', 'family', 'Lake')"],
    "note_sealed of_number": ["1", "4", "5"],
    **{f"{function} of_kind": ["'sign in'", "'second factor'"] for function in ("note_event", "note_failure", "note_wait")},
    **{f"{function} of_result": ["'wrong'", "'waits'"] for function in ("note_event", "note_failure", "note_wait")},
    "note_event of_number": ["1"],
    "raise_cap more": ["100", "0"],
    "brake_mailed of_person": [person("oz")],
    **{f"{function} mine": [f"(SELECT s FROM session s WHERE s.side = 'staff' AND s.person_id = {person('bo')} ORDER BY s.key LIMIT 1)"]
       for function in ("brake", "brake_at_half", "brake_at_cap", "tell_of_brake")},
    "note_cap mine": ["(SELECT s FROM session s WHERE s.ended_at IS NULL ORDER BY s.key LIMIT 1)"],
}
UUIDS = {
    "of_account": "account/ana/family account/tia/family account/bo/staff",
    "account_uuid": "account/ana/family account/tia/family account/bo/staff",
    "factor": "app key",
    "of_app": "app",
    "which": "duty restriction supporter tie/ana/nina tie/pia/ivy challenge contact/jo/nina duty/bo office/cam",
    "child": "nina max",
    "leave": "upload",
    "of_school": "middle",
}


KEYS_OF = "ana/family tia/family bo/staff ana/ended dana/staff nina/student ray/support".split()
SESSIONS = {f"'{key_of(*who.split('/'))}'": f"key of {who}" for who in KEYS_OF}
# The owner's and another one's, so that there are few enough for every combination.
GIVEN_TO |= {"prove_address by_key": list(SESSIONS)[2:0:-1], "rename_account by_key": list(SESSIONS)[1::-1]}


def prepare_world(school: School) -> MatrixSchool:
    """Returns the matrix's school with rows that only rules and calls of other logins need. Accounts have names here, too."""
    ready = prepare(school, write_world)
    for name, side in ((name, side) for name in ready.ids for side in ("family", "staff", "student")):
        ready.names[str(identity(f"account/{name}/{side}"))] = f"account/{name}/{side}"
    return ready


def write_world(owner: psycopg.Connection[Any]) -> None:
    for statement in WORLD.split(";\n"):
        owner.execute(statement.encode())
