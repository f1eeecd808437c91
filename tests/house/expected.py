"""Who reads which rows, who may use which verb, who may look at whom: written by hand, table by table, from access.md.

A hat is (person, side). Rows are named as tests/cast.py names them; a bracket gives alternatives: algebra/[nina max].
"""

import re
from collections.abc import Iterator

HATS = (
    ("ana", "family"), ("nina", "student"), ("leo", "student"), ("max", "student"), ("jo", "family"), ("tia", "family"),
    ("bo", "staff"), ("dana", "staff"), ("dana", "family"), ("dee", "family"), ("gus", "family"), ("carl", "staff"),
    ("rosa", "staff"), ("pat", "staff"), ("vera", "staff"), ("lou", "family"), ("", ""),
)  # fmt: skip

# What a row is called, in the owner's SQL. Other tables: by sourced_id.
PERSON = "(SELECT sourced_id FROM person WHERE id = person_id)"
STUDENT = "(SELECT sourced_id FROM person WHERE id = student_id)"
SECTION = "(SELECT sourced_id FROM section WHERE id = section_id)"
NAME_OF_ROW = {
    "district": "'district'",
    "section_term": f"{SECTION} || '/' || (SELECT sourced_id FROM term WHERE id = term_id)",
    "demographic": PERSON,
    "contact_detail": PERSON,
    "enrollment": f"{SECTION} || '/' || {PERSON}",
    "line_item": "lower(title)",
    "result": f"(SELECT lower(title) FROM line_item WHERE id = line_item_id) || '/' || {STUDENT}",
    "result_change": "(SELECT lower(i.title) FROM line_item i JOIN result r ON r.line_item_id = i.id"
    f" WHERE r.id = result_id) || '/' || {STUDENT}",
    "attendance_code": "status",
    "attendance_mark": STUDENT,
    "tie": f"(SELECT sourced_id FROM person WHERE id = adult_id) || '/' || {STUDENT}",
    "duty": PERSON,
    "administrator": PERSON,
    "delivery": "'file'",
    "refused_row": "file",
    "signer": "sender",
    "decision": "verdict",
    "change_count": "kind",
    "unread_column": "column_name",
    "news_item": "lower(title)",
    "change_detail": "(SELECT sourced_id FROM change WHERE id = change_id)",
}

# Login → verbs → tables. S select, I insert, U update (and SELECT … FOR UPDATE), u update of some columns (and the same), D delete.
# TRUNCATE is nobody's.
RECORDS = "category line_item result score_scale line_item_score_scale result_score_scale attendance_mark"
ROSTER = "school term course person role demographic contact_detail contact section enrollment"
VERBS = {
    "app": {
        "S": f"district section_term {ROSTER} {RECORDS} result_change attendance_code tie duty administrator delivery"
        " refused_row signer decision change change_detail change_count unread_column news_item"
    },
    "door": {
        "S": "district account mail_address", "SIu": "session", "SIU": "credential", "Su": "account_notice", "SID": "sign_in_try sign_in_step",
        "SIUD": "passkey authenticator recovery_code known_browser",
    },
    "intake": {
        "S": "district attendance_code signer unread_column",
        "SI": "merge merged_row change_detail change_count",
        "SIu": "former_id",
        "SIU": f"{ROSTER} {RECORDS} result_change delivery change",
        "Su": "decision",
        "SD": "answer",
        "SID": "section_term refused_row stale_key bucket_image",
        "SIUD": "row_hashes",
        "SIuD": "question",
    },
    "jobs": {"S": "district delivery", "SIUD": "report"},
    "sealer": {"S": "ledger ledger_student", "SI": "ledger_link"},
}
# Reached by functions, or by the owner alone.
NOBODYS = "code card account_mail row_image upload proposal registration contact_code letter_try challenge challenge_message substitution majority dependence" \
    " inspection tutor_application tutor_request tutor_consent age_agreement age_effect paper_notice closed_to_parents withheld_entry masking narrowing" \
    " erased_student hold restoration restoration_line board_second account_end restriction look_count opening closing supporter support_grant" \
    " support_session support_opening django_migrations"
VIEWS = "asking_session open_opening running_support challenge_case"  # read by functions alone

SIGNED_IN = """
    school: middle elementary        term: fall spring      course: course
    category: homework grades        score_scale: scale     attendance_code: [absent present tardy]
"""
NINAS = "algebra english"  # Art 7 begins next term: her family and she do not see it yet

# Hat → what it reads without a look, beside SIGNED_IN.
WITHOUT_LOOK = {
    ("", ""): "",  # not even SIGNED_IN
    ("ana", "family"): """
        news_item: concert fair holiday
        person: ana nina leo bo dana sam      role: role/[nina leo]
        section: algebra english reading      section_term: [algebra english reading]/fall
        enrollment: algebra/[nina bo] english/[nina dana] reading/[leo sam]
        line_item: [algebra english reading]_[quiz grade]      line_item_score_scale: item-scale
        contact_detail: ana      contact: contact/ana/[nina leo]      tie: ana/[nina leo]
    """,
    ("nina", "student"): """
        news_item: concert holiday
        person: nina bo dana      role: role/nina      contact_detail: nina
        section: algebra english      section_term: [algebra english]/fall
        enrollment: algebra/[nina bo] english/[nina dana]
        line_item: [algebra english]_[quiz grade]      line_item_score_scale: item-scale
    """,
    ("leo", "student"): """
        news_item: fair holiday
        person: leo sam      role: role/leo      contact_detail: leo
        section: reading      section_term: reading/fall      enrollment: reading/[leo sam]
        line_item: reading_[quiz grade]
    """,
    ("max", "student"): """
        news_item: concert holiday
        person: max bo dana      role: role/max      contact_detail: max
        section: algebra english      section_term: [algebra english]/fall
        enrollment: algebra/[max bo] english/[max dana]
        line_item: [algebra english]_[quiz grade]      line_item_score_scale: item-scale
    """,
    ("jo", "family"): "person: jo      contact_detail: jo      contact: contact/jo/nina      tie: jo/nina",
    ("tia", "family"): """
        person: tia nina bo dana      role: role/nina      tie: tia/nina
        section: algebra english      section_term: [algebra english]/fall
        enrollment: algebra/[nina bo] english/[nina dana]
        line_item: [algebra english]_[quiz grade]      line_item_score_scale: item-scale
    """,
    ("bo", "staff"): """
        news_item: meeting holiday
        person: bo nina max      section: algebra      section_term: algebra/fall      enrollment: algebra/[bo nina max]
        line_item: algebra_[quiz grade]      line_item_score_scale: item-scale
    """,
    ("dana", "staff"): """
        news_item: meeting holiday
        person: dana nina max kai      section: english      section_term: english/fall
        enrollment: english/[dana nina max kai]
        line_item: english_[quiz grade]
    """,
    ("dana", "family"): """
        news_item: concert holiday
        person: dana kai      role: role/kai      tie: dana/kai      section: english      section_term: english/fall
        enrollment: english/[kai dana]      line_item: english_[quiz grade]
    """,
    ("dee", "family"): """
        news_item: concert holiday
        person: dee max bo dana      role: role/max
        section: algebra english      section_term: [algebra english]/fall
        enrollment: algebra/[max bo] english/[max dana]
        line_item: [algebra english]_[quiz grade]      line_item_score_scale: item-scale
        contact_detail: dee      contact: contact/dee/max      tie: dee/max
    """,
    # Barred from Max, even from his own row in Max's contacts.
    ("gus", "family"): "person: gus      contact_detail: gus      tie: gus/max",
    ("carl", "staff"): """
        news_item: meeting holiday
        person: carl      administrator: carl      delivery: file      refused_row: results.csv      signer: lincoln-it
        decision: approve      change: ida nina      change_count: changed      change_detail: ida
        unread_column: comment
    """,
    ("rosa", "staff"): "person: rosa      duty: rosa      news_item: meeting holiday",
    ("vera", "staff"): "person: vera",
    ("lou", "family"): "person: lou",  # asked to see Nina, and sees nobody before an answer
    ("pat", "staff"): """
        news_item: meeting holiday
        person: pat bo dana sam nina max kai      duty: pat
        section: algebra english art      section_term: [algebra english]/fall art/spring
        enrollment: algebra/[bo nina max] english/[dana nina max kai] art/[sam nina]
        line_item: [algebra english]_[quiz grade]      line_item_score_scale: item-scale
    """,
}  # fmt: skip

# (hat, act, subject) → what it opens besides, whether the request names it or not. A look that is not here is closed:
# look() answers 0 and nothing is opened.
NINAS_SCORES = """
    result: [algebra english]_[quiz grade]/nina  result_change: [algebra english]_[quiz grade]/nina
    result_score_scale: result-scale
"""
MAXS_SCORES = "result: [algebra english]_[quiz grade]/max  result_change: [algebra english]_[quiz grade]/max"
LEOS_SCORES = "result: reading_[quiz grade]/leo  result_change: reading_[quiz grade]/leo"
KAIS_SCORES = "result: english_[quiz grade]/kai  result_change: english_[quiz grade]/kai"
LOOKS = {
    ("ana", "family", "child", "nina"): f"{NINAS_SCORES}  attendance_mark: nina",
    ("ana", "family", "child", "leo"): f"{LEOS_SCORES}  attendance_mark: leo",
    ("ana", "family", "home", ""): f"{NINAS_SCORES}  {LEOS_SCORES}  attendance_mark: nina leo",
    ("ana", "family", "who has looked", "nina"): "",
    ("ana", "family", "who can see", "nina"): "",
    ("ana", "family", "who has looked", "leo"): "",
    ("ana", "family", "who can see", "leo"): "",
    ("tia", "family", "child", "nina"): NINAS_SCORES,
    ("tia", "family", "home", ""): NINAS_SCORES,
    ("nina", "student", "child", "nina"): f"{NINAS_SCORES}  attendance_mark: nina",
    ("nina", "student", "home", ""): f"{NINAS_SCORES}  attendance_mark: nina",
    ("nina", "student", "who has looked", "nina"): "",
    ("nina", "student", "who can see", "nina"): "",
    ("leo", "student", "child", "leo"): f"{LEOS_SCORES}  attendance_mark: leo",
    ("leo", "student", "home", ""): f"{LEOS_SCORES}  attendance_mark: leo",
    ("leo", "student", "who has looked", "leo"): "",
    ("leo", "student", "who can see", "leo"): "",
    ("max", "student", "child", "max"): f"{MAXS_SCORES}  attendance_mark: max",
    ("max", "student", "home", ""): f"{MAXS_SCORES}  attendance_mark: max",
    ("max", "student", "who has looked", "max"): "",
    ("max", "student", "who can see", "max"): "",
    ("dana", "family", "child", "kai"): f"{KAIS_SCORES}  attendance_mark: kai",
    ("dana", "family", "home", ""): f"{KAIS_SCORES}  attendance_mark: kai",
    ("dana", "family", "who has looked", "kai"): "",
    ("dana", "family", "who can see", "kai"): "",
    ("dee", "family", "child", "max"): f"{MAXS_SCORES}  attendance_mark: max",
    ("dee", "family", "home", ""): f"{MAXS_SCORES}  attendance_mark: max",
    ("dee", "family", "who has looked", "max"): "",
    ("dee", "family", "who can see", "max"): "",
    ("bo", "staff", "gradebook", "algebra"): "result: algebra_[quiz grade]/[nina max]",
    ("dana", "staff", "gradebook", "english"): "result: english_[quiz grade]/[nina max kai]",
    ("pat", "staff", "gradebook", "algebra"): "result: algebra_[quiz grade]/[nina max]",
    ("pat", "staff", "gradebook", "english"): "result: english_[quiz grade]/[nina max kai]",
    ("pat", "staff", "gradebook", "art"): "",
    ("pat", "staff", "child", "nina"): f"{NINAS_SCORES}  attendance_mark: nina",
    ("pat", "staff", "child", "max"): f"{MAXS_SCORES}  attendance_mark: max",
    ("pat", "staff", "child", "kai"): f"{KAIS_SCORES}  attendance_mark: kai",
    ("carl", "staff", "same person", "question"): "demographic: nina",
    ("carl", "staff", "same person", "merge"): "demographic: max",
    ("rosa", "staff", "child", "nina"): "attendance_mark: nina",
    ("rosa", "staff", "child", "max"): "attendance_mark: max",
    ("rosa", "staff", "child", "kai"): "attendance_mark: kai",
    ("carl", "staff", "changes", "changes/nina"): "change_detail: ida nina",
    ("carl", "staff", "request", "asked"): "demographic: nina leo  contact_detail: nina leo",  # Leo has the birth date and one of the names
    ("carl", "staff", "tie check", "challenge"): "contact_detail: nina",
    ("carl", "staff", "birthdays", ""): "demographic: max",
    **{("carl", "staff", "adults", student): f"contact_detail: {student}" for student in ("nina", "max", "kai", "leo")},
    **{("carl", "staff", "ledger check", student): "" for student in ("nina", "max", "kai", "leo")},
    ("rosa", "staff", "class names", "reading"): "",  # names alone, and these only to the request that names its look
}

# A request that names a look of staff reaches only what that look is about: these tables then, not WITHOUT_LOOK's.
ONE_CLASS = {
    "algebra": """
        person: pat bo nina max      section: algebra      section_term: algebra/fall
        enrollment: algebra/[bo nina max]      line_item: algebra_[quiz grade]      line_item_score_scale: item-scale
    """,
    "english": """
        person: pat dana nina max kai      section: english      section_term: english/fall
        enrollment: english/[dana nina max kai]
        line_item: english_[quiz grade]      line_item_score_scale:
    """,
    "art": """
        person: pat sam nina      section: art      section_term: art/spring      enrollment: art/[sam nina]
        line_item:      line_item_score_scale:
    """,
}
NAMED_INSTEAD = {
    **{("pat", "staff", "gradebook", section): only for section, only in ONE_CLASS.items()},
    **{("pat", "staff", "child", student): f"person: pat bo dana sam {student}" for student in ("nina", "max", "kai")},
    ("carl", "staff", "same person", "question"): "person: carl nina",
    ("carl", "staff", "same person", "merge"): "person: carl max",
    **{("rosa", "staff", "child", student): f"person: rosa {student}" for student in ("nina", "max", "kai")},
    ("carl", "staff", "changes", "changes/nina"): "person: carl nina",
    ("carl", "staff", "request", "asked"): "person: carl nina leo",
    ("carl", "staff", "tie check", "challenge"): "person: carl nina",
    ("carl", "staff", "birthdays", ""): "person: carl max",
    **{("carl", "staff", act, student): f"person: carl {student}" for act in ("adults", "ledger check") for student in ("nina", "max", "kai", "leo")},
    ("rosa", "staff", "class names", "reading"): "person: rosa leo      enrollment: reading/[sam leo]",
}


def rows(text: str) -> dict[str, set[str]]:
    """{table: names} of the notation above; _ stands for a space within a name."""
    found: dict[str, set[str]] = {}
    table = ""
    for word in re.sub(r"\[[^]]*\]", lambda bracket: "|".join(bracket[0].split()), text).split():
        if word.endswith(":"):
            table = word.removesuffix(":")
            found.setdefault(table, set())
        else:
            found[table].update(name.replace("_", " ") for name in alternatives(word))
    return found


def alternatives(word: str) -> Iterator[str]:
    head, bracket, rest = word.partition("[")
    if not bracket:
        yield word
        return
    inside, _, tail = rest.partition("]")
    for choice in inside.split("|"):
        yield from (head + choice + end for end in alternatives(tail))


def tables(words: str) -> set[str]:
    return set(words.split())


def verbs_of(login: str) -> dict[str, str]:
    """{table: verbs} of a login."""
    return {table: verbs for verbs, names in VERBS[login].items() for table in names.split()}
