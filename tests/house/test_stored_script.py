"""A script that was stored in every text field shows as plain characters, on every page that anyone can open."""

import re
from pathlib import Path

from homeroom.portal.access.policy import sides
from tests.cast import NAMES
from tests.house.expected import HATS
from tests.house.idor import Asker, walk
from tests.house.test_doors import GUARDED
from tests.house.test_idor import act_of, kinds_of, paths_of
from tests.school import School

SCRIPT = """'"><script>stored</script><img src=x onerror=stored>{0.a} {x} %s %(n)s {{ x }}"""  # and marks of format strings and of templates
# Columns that people, files and operators fill in their own words. Any other text column has a word of a closed list, an id, a hash or an address.
FREE = {
    "authenticator": "name", "passkey": "name", "cap_raise": "why", "category": "title", "challenge": "words why", "challenge_message": "words",
    "attendance_code": "excuse_code", "attendance_mark": "excuse_code", "change": "name", "change_count": "school_title",
    "closed_to_parents": "words", "contact": "name relationship phone", "contact_detail": "phone", "course": "title code", "decision": "why",
    "correction": "called value_was value_wanted why answer heard value_agreed hearing_place hearing_said statement",
    "incident_fact": "words", "signed_consent": "purpose recipient signature",
    "inspection": "asked_for", "line_item": "title description", "masking": "given_name family_name", "news_item": "title words title_es words_es",
    "person": "given_name family_name middle_name preferred_given_name preferred_family_name", "proposal": "reason words",
    "question": "given_name family_name", "refused_row": "column", "registration": "child_given_name child_family_name phone",
    "restriction": "paper_kept_at", "result": "text_score comment", "result_change": "old_text_score", "school": "name identifier",
    "score_scale": "title", "section": "title code", "support_grant": "words", "supporter": "name", "term": "title",
    "tutor_application": "organization purpose", "tutor_consent": "organization purpose signature",
    "tutor_request": "child_given_name child_family_name purpose", "unread_column": "column_name",
}  # fmt: skip
CODED = {
    "account": "side sign_in_name", "account_mail": "kind language browser answer", "account_notice": "what", "age_effect": "state_was opened_by",
    "breach_letter": "answer channel notice state way", "incident_fact": "kind what",
    "answer": "answer", "attendance_code": "status", "attendance_mark": "status", "brake": "capacity", "bucket_image": "file scheme", "category": "sourced_id",
    "challenge": "reason tie_was outcome evidence", "change": "about sourced_id search", "change_count": "shape school kind",
    "closed_to_parents": "basis", "code": "side kind checked", "contact": "sourced_id kind phone_kind email sis_id", "contact_code": "way",
    "contact_join": "how", "contact_detail": "email sms", "correction": "about ground state", "course": "sourced_id", "credential": "password",
    "decision": "verdict answer",
    "delivery": "digest sender signer_id state reason receipt", "dependence": "basis", "directory_opt_out": "category",
    "district": "time_zone registering registering_students tutors preferred_names it_mail board_mail", "duty": "duty", "enrollment": "role",
    "erased_student": "directive", "event_forwarded": "target",
    "former_id": "sourced_id", "hold": "paper", "inspection": "state", "ledger": "event act capacity reason", "line_item_score_scale": "sourced_id",
    "mail_address": "address language", "masking": "basis", "merged_row": "table key", "narrowing": "kind", "news_item": "audience", "opening": "act seen",
    "person": "sourced_id", "proposal": "kind state", "question": "kind sourced_id grade_levels schools", "refused_row": "file reason",
    "registration": "relation state evidence", "report": "state answer", "restoration_line": "kind outcome", "restriction": "effect basis",
    "result_score_scale": "sourced_id", "role": "sourced_id role", "row_hashes": "file scheme", "row_image": "kind table_name", "school": "sourced_id kind",
    "score_scale": "sourced_id kind", "section": "sourced_id kind", "security_event": "kind result what device",
    "session": "side method device", "sign_in_step": "kind",
    "signer": "fingerprint sender certificate", "stale_key": "file", "term": "sourced_id kind", "tie": "kind relation basis proof state",
    "tutor_application": "state evidence", "tutor_request": "state", "unread_column": "file", "view_day": "act", "withheld_entry": "basis",
}  # fmt: skip
TEXTS = """SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT LIKE 'procrastinate%%' AND table_name NOT LIKE 'django%%'"""
SRC = Path(__file__).parents[2] / "src" / "homeroom"
MARKED = {  # where text becomes markup without being escaped, and what that text is
    "portal/attendance/templatetags/calendar_strip.py": "a strip of numbers and of its letters, escaped there: its nodes took longer than its page",
    "portal/door/templates/door/offer.html": "a picture that the door drew of a key it made",
    "portal/grades/gradebook_cells.py": "cells, escaped there one by one: a template for each of 5,000 takes seconds",
    "portal/grades/templatetags/book.py": "the rows of these cells, and of an assignment, escaped there for the same reason",
    "portal/grades/templatetags/work.py": "rows of work, escaped there for the same reason",
    "portal/home/templatetags/parts.py": "a field and a notice: each value is escaped there, and what is between the tags by the template",
    "portal/home/templatetags/wording.py": "the bar's places and who is signed in, escaped there: it is on every page",
    "portal/intake/templatetags/changes.py": "rows of a change set, escaped there for the same reason",
}


def test_every_text_column_is_known_as_words_or_as_codes(school: School) -> None:
    with school.connect("owner") as owner:
        found = {(table, column) for table, column in owner.execute(TEXTS)}
        views = {name for (name,) in owner.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'public'")}
    listed = [(table, column) for side in (FREE, CODED) for table, columns in side.items() for column in columns.split()]
    assert sorted(listed) == sorted((table, column) for table, column in found if table not in views)


def test_stored_script_runs_on_no_page(own_school: School) -> None:
    own_school.change("""UPDATE district SET caps = '{"family": 1000000, "student": 1000000, "teacher": 1000000, "administrator": 1000000}', tutors = 'on'""")
    with own_school.connect("owner") as owner:
        for table, columns in FREE.items():
            changed = ", ".join(f'"{column}" = "{column}" || %(script)s' for column in columns.split())
            changed += ", statement_at = now()" * (table == "correction")  # a statement has its day
            for statement in (f"ALTER TABLE {table} DISABLE TRIGGER USER", f"UPDATE {table} SET {changed}", f"ALTER TABLE {table} ENABLE TRIGGER USER"):
                owner.execute(statement.encode(), {"script": SCRIPT} if "UPDATE" in statement else None)
    asker = Asker(own_school)
    kinds = kinds_of(asker)
    shown = dict[str, str]()
    for hat in HATS:
        paths = [path for door in GUARDED if hat[1] in sides(act_of(door)) for path in paths_of(own_school, door, kinds)]
        seen = walk(asker, hat, paths, [name[:4] for name in NAMES.values()])
        shown |= {f"{' '.join(hat)}: {path}": text for path, text in seen.pages.items()}
    asker.owner.close()
    ran = [place for place, text in shown.items() if "<script>stored" in text or "<img src=x" in text]
    assert not ran, ran[:20]
    assert sum("&lt;script&gt;stored" in text for text in shown.values()) > 150  # the pages showed it, as plain characters


def test_text_becomes_markup_in_known_places_alone() -> None:
    marks = {".html": r"\|\s*safe\b|autoescape", ".py": r"mark_safe|SafeString\((?!\"[^\"{]*\"\))|autoescape"}
    files = [file for file in SRC.rglob("*") if file.suffix in marks]
    assert {str(file.relative_to(SRC)) for file in files if re.search(marks[file.suffix], file.read_text())} == set(MARKED)
