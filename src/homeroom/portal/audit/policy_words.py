"""Plain words for tables and logins. tests/test_policy.py fails if one has none."""

from django.utils.translation import gettext as _


def tables() -> dict[str, str]:
    """Returns tables that have data about a student."""
    return {**tables_of_records(), **tables_of_cases(), **tables_of_sharing()}


def tables_of_records() -> dict[str, str]:
    return {
        "person": _("Names, grade levels, the district’s numbers"),
        "role": _("Each person’s schools and roles"),
        "enrollment": _("Who is in which class, and who teaches it"),
        "demographic": _("Birth dates"),
        "contact_detail": _("Addresses, phones, e-mail"),
        "contact": _("A student’s contacts in the district’s record"),
        "result": _("Scores and comments"),
        "result_change": _("What a score was before"),
        "result_score_scale": _("Which scale a score uses"),
        "attendance_mark": _("Attendance"),
        "view_day": _("Which staff viewed which student, by day"),
        "cap_raise": _("Viewing limits that another administrator raised"),
        "look_student": _("When staff last viewed a student, for one day"),
        "hold": _("Records that may not be erased, by a court or the district’s counsel"),
        "erased_student": _("Numbers of students who were erased, so that no file brings them back"),
    }


def tables_of_sharing() -> dict[str, str]:
    return {"directory_opt_out": _("Opt-outs from directory information"), "signed_consent": _("Signed consents")}


def tables_of_cases() -> dict[str, str]:
    return {
        "tie": _("Adults’ access to students’ records"),
        "restriction": _("Restrictions by a court or the law"),
        "masking": _("Students with an alias, and their aliases"),
        "registration": _("Requests to see a child"),
        "closed_to_parents": _("Students without parent accounts"),
        "withheld_entry": _("Hidden entries of the access log"),
        "challenge": _("Challenges"),
        "challenge_message": _("What families and the office write about a challenge"),
        "tutor_request": _("Requests of tutors"),
        "correction": _("Requests to correct a student’s record"), "inspection": _("Requests to inspect a student’s record"),
        "majority": _("Students near 18, and the birth date used"),
        "dependence": _("Which students past 18 the district recorded as dependents"),
        "paper_notice": _("Letters to print: about an 18th birthday or a request for access"),
        "card": _("Sign-in cards (hashes)"),
        "ledger": _("Views and changes"),
        "ledger_student": _("Students of each access log entry"),
        "restoration_line": _("What was closed again after the portal was restored"),
        "opening": _("What a view opened, for 30 seconds"),
        "support_grant": _("Which students support can view"),
        "support_opening": _("What a view by support opened, for 30 seconds"),
        "question": _("Records of a file that may be a person already here"),
        "change": _("People that a file on hold would change"),
        "change_detail": _("What a file on hold would change about each person"),
        "merge": _("Records that were joined"),
        "merged_row": _("Rows that moved when records were joined"),
        "former_id": _("Numbers that a record had before"),
        "row_image": _("Rows as they were before a file, for 30 days"),
    }


def readers() -> dict[str, str]:
    """Returns the database's logins, by what they do."""
    return {
        "app": _("Pages"),
        "intake": _("The import of files"),
        "sealer": _("The chain of the access log"),
        "door": _("Sign-in"),
        "jobs": _("Email and scheduled work"),
    }
