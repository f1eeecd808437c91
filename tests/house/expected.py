"""Who reads which rows, who may use which verb, and who may view whom. It was written by hand, table by table, from access.md.

A role (`hat`) is (person, side). Rows have the names of tests/cast.py. A bracket gives alternatives: algebra/[nina max].
"""

import re
from collections.abc import Iterator

HATS = (
    ("ana", "family"), ("nina", "student"), ("leo", "student"), ("max", "student"), ("jo", "family"), ("tia", "family"),
    ("bo", "staff"), ("dana", "staff"), ("dana", "family"), ("dee", "family"), ("gus", "family"), ("carl", "staff"),
    ("rosa", "staff"), ("pat", "staff"), ("vera", "staff"), ("lou", "family"), ("", ""),
)  # fmt: skip

# Login → verbs → tables. S is select, I insert, U update and SELECT … FOR UPDATE, u the same for some columns, D delete. No login may use TRUNCATE.
RECORDS = "category line_item result score_scale line_item_score_scale result_score_scale attendance_mark"
ROSTER = "school term course person role demographic contact_detail contact section enrollment"
VERBS = {
    "app": {},
    "door": {"S": "district"},
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
    "jobs": {"S": "district", "SIUD": "report"},
    "sealer": {"SI": "ledger_link"},
    "watcher": {},
    "forwarder": {},
}
# Only functions or the owner reach them.
NOBODYS = "tie duty administrator news_item ledger ledger_student account mail_address session credential account_notice sign_in_try wrong_password" \
    " sign_in_step passkey authenticator recovery_code known_browser code card account_mail row_image upload proposal registration contact_code" \
    " letter_try challenge challenge_message substitution majority dependence inspection correction tutor_application tutor_request tutor_consent" \
    " age_agreement age_effect paper_notice closed_to_parents withheld_entry masking narrowing erased_student hold restoration restoration_line" \
    " board_second account_end restriction look_count look_student brake cap_raise view_day opening closing supporter support_grant directory_opt_out" \
    " signed_consent" \
    " support_session support_opening contact_join security_event event_forwarded incident incident_fact breach_letter django_migrations"
VIEWS = "running_session asking_session open_opening running_support challenge_case seen_student"  # only functions read them

# The answer of each call of a reading function, in words. tests/house/test_reach names its rows.
SIGNED_IN = "code: [absent present tardy]"

# Role → what it reads without a view, in addition to SIGNED_IN.
WITHOUT_VIEW = {
    ("", ""): "",  # not even SIGNED_IN
    ("ana", "family"): "news: concert fair holiday      student: nina leo",
    ("nina", "student"): "news: concert holiday      student: nina",
    ("leo", "student"): "news: fair holiday      student: leo",
    ("max", "student"): "news: concert holiday      student: max",
    ("jo", "family"): "",
    ("tia", "family"): "student: nina",
    ("bo", "staff"): "news: meeting holiday      class: algebra/2      titled: algebra",
    ("dana", "staff"): "news: meeting holiday      class: english/3      titled: english",
    ("dana", "family"): "news: concert holiday      student: kai",
    ("dee", "family"): "news: concert holiday      student: max",
    ("gus", "family"): "",  # restricted from Max
    ("carl", "staff"): """
        news: meeting holiday      delivery: file      recent: file      refused_row: results.csv      signer: lincoln-it      receipt: file
        change: ida      change_count: changed      change_shown: ida      unread_column: comment preferredGivenName preferredFamilyName      digest: file
    """,
    ("rosa", "staff"): "news: meeting holiday",
    ("vera", "staff"): "",
    ("lou", "family"): "",  # asked to see Nina, and sees no one before an answer
    ("pat", "staff"): "news: meeting holiday      school_class: algebra/2 english/3 art/1      titled: algebra english art",
}  # fmt: skip

# (role, act, subject) → what the view opens in addition. A view that is not here is closed: look() answers 0, and no row opens.
NINAS_SCORES = "score: [algebra english]_[quiz grade]/nina  old_score: [algebra english]_[quiz grade]/nina  seat: [algebra english]/nina"
MAXS_SCORES = "score: [algebra english]_[quiz grade]/max  old_score: [algebra english]_[quiz grade]/max  seat: [algebra english]/max"
LEOS_SCORES = "score: reading_[quiz grade]/leo  old_score: reading_[quiz grade]/leo  seat: reading/leo"
KAIS_SCORES = "score: english_[quiz grade]/kai  old_score: english_[quiz grade]/kai  seat: english/kai"
ALGEBRA = """class_score: algebra_[quiz grade]/[nina max]  class_student: nina max  class_name: nina max  class_work: algebra_[quiz grade]
    class_shown: algebra/2"""
ENGLISH = """class_score: english_[quiz grade]/[nina max kai]  class_student: nina max kai  class_name: nina max kai  class_work: english_[quiz grade]
    class_shown: english/3"""
VIEWED = {
    ("ana", "family", "child", "nina"): f"{NINAS_SCORES}  mark: nina",
    ("ana", "family", "child", "leo"): f"{LEOS_SCORES}  mark: leo",
    ("ana", "family", "home", ""): f"{NINAS_SCORES}  {LEOS_SCORES}  mark: nina leo",
    ("ana", "family", "who has looked", "nina"): "",
    ("ana", "family", "who can see", "nina"): "",
    ("ana", "family", "everything kept", "nina"): "",
    ("ana", "family", "corrections", "nina"): f"{NINAS_SCORES}  mark: nina",
    ("ana", "family", "who has looked", "leo"): "",
    ("ana", "family", "who can see", "leo"): "",
    ("ana", "family", "everything kept", "leo"): "",
    ("ana", "family", "corrections", "leo"): f"{LEOS_SCORES}  mark: leo",
    ("tia", "family", "child", "nina"): NINAS_SCORES,
    ("tia", "family", "home", ""): NINAS_SCORES,
    ("nina", "student", "child", "nina"): f"{NINAS_SCORES}  mark: nina",
    ("nina", "student", "home", ""): f"{NINAS_SCORES}  mark: nina",
    ("nina", "student", "who has looked", "nina"): "",
    ("nina", "student", "who can see", "nina"): "",
    ("nina", "student", "everything kept", "nina"): "",
    ("nina", "student", "corrections", "nina"): f"{NINAS_SCORES}  mark: nina",
    ("leo", "student", "child", "leo"): f"{LEOS_SCORES}  mark: leo",
    ("leo", "student", "home", ""): f"{LEOS_SCORES}  mark: leo",
    ("leo", "student", "who has looked", "leo"): "",
    ("leo", "student", "who can see", "leo"): "",
    ("leo", "student", "everything kept", "leo"): "",
    ("leo", "student", "corrections", "leo"): f"{LEOS_SCORES}  mark: leo",
    ("max", "student", "child", "max"): f"{MAXS_SCORES}  mark: max",
    ("max", "student", "home", ""): f"{MAXS_SCORES}  mark: max",
    ("max", "student", "who has looked", "max"): "",
    ("max", "student", "who can see", "max"): "",
    ("max", "student", "everything kept", "max"): "",
    ("max", "student", "corrections", "max"): f"{MAXS_SCORES}  mark: max",
    ("dana", "family", "child", "kai"): f"{KAIS_SCORES}  mark: kai",
    ("dana", "family", "home", ""): f"{KAIS_SCORES}  mark: kai",
    ("dana", "family", "who has looked", "kai"): "",
    ("dana", "family", "who can see", "kai"): "",
    ("dana", "family", "everything kept", "kai"): "",
    ("dana", "family", "corrections", "kai"): f"{KAIS_SCORES}  mark: kai",
    ("dee", "family", "child", "max"): f"{MAXS_SCORES}  mark: max",
    ("dee", "family", "home", ""): f"{MAXS_SCORES}  mark: max",
    ("dee", "family", "who has looked", "max"): "",
    ("dee", "family", "who can see", "max"): "",
    ("dee", "family", "everything kept", "max"): "",
    ("dee", "family", "corrections", "max"): f"{MAXS_SCORES}  mark: max",
    ("bo", "staff", "gradebook", "algebra"): ALGEBRA,
    ("dana", "staff", "gradebook", "english"): ENGLISH,
    ("pat", "staff", "gradebook", "algebra"): ALGEBRA,
    ("pat", "staff", "gradebook", "english"): ENGLISH,
    ("pat", "staff", "gradebook", "art"): "class_student: nina  class_name: nina  class_shown: art/1",
    ("pat", "staff", "child", "nina"): f"{NINAS_SCORES}  seat: art/nina  mark: nina",
    ("pat", "staff", "child", "max"): f"{MAXS_SCORES}  mark: max",
    ("pat", "staff", "child", "kai"): f"{KAIS_SCORES}  mark: kai",
    ("carl", "staff", "same person", "question"): "",
    ("carl", "staff", "same person", "merge"): "",
    ("rosa", "staff", "child", "nina"): "mark: nina",
    ("rosa", "staff", "child", "max"): "mark: max",
    ("rosa", "staff", "child", "kai"): "mark: kai",
    ("carl", "staff", "changes", "changes/nina"): "change_shown: nina",
    ("carl", "staff", "request", "asked"): "",
    ("carl", "staff", "tie check", "challenge"): "",
    ("carl", "staff", "birthdays", ""): "",
    **{("carl", "staff", act, student): "" for act in ("adults", "ledger check") for student in ("nina", "max", "kai", "leo")},
    ("rosa", "staff", "class names", "reading"): "class_name: leo",  # only names
}

# Students whose names and places a staff view shows. Those of families are in WITHOUT_VIEW.
STAFF_STUDENTS = {
    **{("pat", "staff", "child", student): f"student: {student}" for student in ("nina", "max", "kai")},
    **{("rosa", "staff", "child", student): f"student: {student}" for student in ("nina", "max", "kai")},
    ("bo", "staff", "gradebook", "algebra"): "student: nina max",
    ("dana", "staff", "gradebook", "english"): "student: nina max kai",
    ("pat", "staff", "gradebook", "algebra"): "student: nina max",
    ("pat", "staff", "gradebook", "english"): "student: nina max kai",
    ("pat", "staff", "gradebook", "art"): "student: nina",
    ("carl", "staff", "same person", "question"): "student: nina",
    ("carl", "staff", "same person", "merge"): "student: max",
    ("carl", "staff", "request", "asked"): "student: nina leo",  # Leo has the same birth date and one of the names
    ("carl", "staff", "tie check", "challenge"): "student: nina",
    ("carl", "staff", "birthdays", ""): "student: max",
    **{("carl", "staff", act, student): f"student: {student}" for act in ("adults", "ledger check") for student in ("nina", "max", "kai", "leo")},
}


def rows(text: str) -> dict[str, set[str]]:
    """Returns {table: names} of the notation above. An underscore means a space in a name."""
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
    """Returns {table: verbs} of a login."""
    return {table: verbs for verbs, names in VERBS[login].items() for table in names.split()}
