"""Plain words for acts, tables, rules and logins. What has none is missed by tests/test_policy.py."""

from django.utils.translation import gettext as _

from homeroom.portal.access.policy import Act


def acts() -> dict[Act, str]:
    return {**acts_of_everybody(), **acts_of_offices(), **acts_about_ties(), **acts_of_files()}


def acts_of_everybody() -> dict[Act, str]:
    return {
        Act.SEE_HOME: _("Open the first page"),
        Act.READ_CHILD: _("Read a child’s grades and attendance"),
        Act.READ_LEDGER: _("Read who has looked at a record"),
        Act.SEE_WHO: _("Read who can see a record, and why"),
        Act.SEE_CLASSES: _("See one’s own classes"),
        Act.READ_GRADEBOOK: _("Read a class’s gradebook"),
        Act.READ_CLASS_NAMES: _("Read the names of a class, as a substitute"),
        Act.SEE_CARDS: _("See sign-in cards of one’s own classes"),
        Act.PRINT_CARDS: _("Print and end sign-in cards"),
        Act.SEE_REQUESTS: _("Ask to see a child, and read what became of it"),
        Act.WITHDRAW_REQUEST: _("Take one’s own request back"),
        Act.CHALLENGE: _("Challenge a parent account"),
        Act.SEE_CHECKS: _("Answer the school while it checks one’s own tie"),
        Act.TUTOR: _("Ask to see a student, as a tutor"),
        Act.SEE_TUTORS: _("See a child’s tutors and who asks to be one"),
        Act.CONSENT: _("Let a tutor in, and end it"),
        Act.INSPECT: _("Ask to inspect the record of a student who left"),
        Act.TURN_18: _("Decide at 18 who goes on reading one’s record"),
        Act.READ_NEWS: _("Read what one’s school publishes"),
        Act.SEE_ACCOUNT: _("See and change one’s own account"),
    }


def acts_about_ties() -> dict[Act, str]:
    return {
        Act.SEE_TIES: _("Find a student’s ties, and list restrictions"),
        Act.KEEP_TIES: _("Set and end ties, bar somebody, keep a contact confidential, close a record to parents"),
        Act.CHECK_LEDGER: _("Read a student’s ledger, and withhold a line with a second person"),
    }


def acts_of_files() -> dict[Act, str]:
    return {
        Act.SEE_IMPORTS: _("See which files came, and what became of them"),
        Act.DECIDE_IMPORT: _("Approve, reject and undo a file"),
        Act.SEND_FILE: _("Send a file from the browser"),
        Act.READ_CHANGES: _("Read what a file would change about somebody"),
        Act.COMPARE_PEOPLE: _("Compare two records that may be one person’s"),
        Act.ANSWER_QUESTION: _("Answer whether two records are one person’s"),
    }


def acts_of_offices() -> dict[Act, str]:
    return {
        Act.SEE_SETTINGS: _("See settings"),
        Act.CHANGE_SETTING: _("Change a setting"),
        Act.SEE_PROPOSALS: _("See what waits for a second person"),
        Act.ANSWER_PROPOSAL: _("Confirm or stop what somebody else proposed"),
        Act.SEE_OFFICE: _("See administrators, duties and support"),
        Act.PUBLISH_NEWS: _("Publish school news, and take it down"),
        Act.SEE_POLICY: _("See who can see what"),
        Act.DECIDE_OFFICE: _("Give and end offices, duties, substitutes and support"),
        Act.SEE_CODES: _("Find somebody to print a letter for"),
        Act.PRINT_CODE: _("Print a letter with a one-use code"),
        Act.SEE_APPROVALS: _("See who asks to see a child"),
        Act.COMPARE_REQUEST: _("Compare a request with records"),
        Act.APPROVE_EXACT: _("Approve exact requests together"),
        Act.SEE_LETTERS: _("List contacts to write letters to"),
        Act.PRINT_LETTERS: _("Print letters to contacts"),
        Act.SEE_CHALLENGES: _("See which ties are challenged"),
        Act.CHECK_TIE: _("Check a challenged tie"),
        Act.SEE_TUTOR_OFFICE: _("See who applies as a tutor, and every tutor’s tie"),
        Act.ANSWER_TUTOR: _("Answer a tutor’s application, and end a tutor’s tie"),
        Act.ANSWER_INSPECTION: _("See and answer who asks to inspect a record"),
        Act.SEE_AGES: _("See whose ties change at 18, and lift what closed"),
        Act.READ_BIRTHDAYS: _("Read who turns 18 soon"),
        Act.SEE_MASKED: _("See which students are masked, and their aliases"),
        Act.SEE_RESTORATION: _("Read what was restored from a backup"),
        Act.OPEN_SIGN_IN: _("Propose to open sign-in after a restoration"),
        Act.MASK_STUDENT: _("Mask a student, and propose to end it"),
    }


def tables() -> dict[str, str]:
    """Tables that hold something about a student."""
    return {**tables_of_records(), **tables_of_cases()}


def tables_of_records() -> dict[str, str]:
    return {
        "person": _("Names, grade levels, the district’s numbers"),
        "role": _("At which school somebody is, as what"),
        "enrollment": _("Who is in which class, and who teaches it"),
        "demographic": _("Birth dates"),
        "contact_detail": _("Addresses, phones, e-mail"),
        "contact": _("A student’s contacts in the district’s record"),
        "result": _("Scores and comments"),
        "result_change": _("What a score was before"),
        "result_score_scale": _("Which scale a score uses"),
        "attendance_mark": _("Attendance"),
        "hold": _("Records that may not be erased, by a court or the district’s counsel"),
        "erased_student": _("Numbers of students who were erased, so that no file brings them back"),
    }


def tables_of_cases() -> dict[str, str]:
    return {
        "tie": _("Which adult is tied to which student, and how"),
        "restriction": _("Who is barred from whom, by a court or the law"),
        "masking": _("Which students are met under an alias, and which"),
        "registration": _("Requests to see a child"),
        "closed_to_parents": _("Students without parent accounts"),
        "withheld_entry": _("Lines of the ledger that a family does not read until a day"),
        "challenge": _("Challenges"),
        "challenge_message": _("What families and the office write about a challenge"),
        "tutor_request": _("Requests of tutors"),
        "inspection": _("Requests to inspect the record of a student who left"),
        "majority": _("Who turns 18, and from which birth date it was reckoned"),
        "dependence": _("Which students past 18 the district recorded as dependents"),
        "paper_notice": _("Who is to be told on paper: that a student turns 18, or that somebody asks to see the record"),
        "card": _("Sign-in cards (hashes)"),
        "ledger": _("Who looked, and what was changed"),
        "ledger_student": _("Which students a line of the ledger is about"),
        "restoration_line": _("What was closed again after the portal was restored"),
        "opening": _("What a look opened, for 30 seconds"),
        "support_grant": _("At which students support may look"),
        "support_opening": _("What a look of support opened, for 30 seconds"),
        "question": _("Records of a file that may be somebody who is here"),
        "change": _("Whom a held file would change"),
        "change_detail": _("What a held file would change about each"),
        "merge": _("Records that were joined"),
        "merged_row": _("Rows that moved when records were joined"),
        "former_id": _("Numbers that a record had before"),
        "row_image": _("Rows as they were before a file, for 30 days"),
    }


def rules() -> dict[str, str]:
    """What follows a table's name and "read" in the names of policies."""
    return {"by_sealer": _("every row")}


def readers() -> dict[str, str]:
    """The logins of the database, by what they do."""
    return {"app": _("Pages"), "intake": _("The import of files"), "sealer": _("The sealing of the ledger"), "door": _("Sign-in"), "jobs": _("Mail and clocks")}
