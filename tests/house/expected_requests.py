"""Expected answers about requests of parents and students, and letters: what people who ask read, and what a school's offices do."""

from tests.house.expected_records import Record
from tests.house.expected_views import View
from tests.house.notation import EVERYONE, OFFICES, Act, Read

# For the whole district, except that Ada doesn't decide about Kai. Ruth's school is Lincoln Middle, and Fay's is Lincoln Elementary.
DISTRICT_BUT_ADA = "carl/staff"
REQUESTS = "(VALUES ('asked', '{asked}'::uuid), ('asked/pia', '{asked_pia}'), ('asked/kit', '{asked_kit}'), ('asked/jo', '{asked_jo}')) AS r (name, uuid)"
CONTACTS = (
    "ARRAY['{contact_ana_nina}', '{contact_pia_kai}', '{contact_quin_kai}', '{contact_eli_leo}', '{contact_gus_max}',"
    " '{contact_ora_ned}', '{contact_ora_sia}']::uuid[]"
)
LETTERS = {"kai": "contact/pia/kai", "leo": "contact/eli/leo"}
ON_LETTERS = {"kai": "Pia_Ross/Kai", "leo": "Eli_North/Leo"}


def beside(view: View) -> set[str]:
    """Returns the records that a request may be about, if the view opened them."""
    return {
        f"{request}/{student}"
        for request in ("asked", "asked/jo", "asked/pia", "asked/kit")
        for student in view.seen
        if is_about(request, student, view)
    }


def is_about(request: str, student: str, view: View) -> bool:
    """Says whether the view shows a student for a request. Leo has Nina's birth date and one of her names, as typed. Ada doesn't read requests about Kai."""
    about = ("nina", "leo") if request in ("asked", "asked/jo") else ("kai",)
    return "birth date" in view.has and student in about and view.role != "fay/staff"


READS = {
    "my_registrations": Read(
        "SELECT * FROM my_registrations()",
        "uuid",
        {"lou/family": "asked", "pia/family": "asked/pia", "kit/student": "asked/kit"},
    ),
    "registrations_counted": Read(
        "SELECT * FROM registrations_counted(NULL) WHERE to_check + exact > 0",
        "to_check exact overdue",
        {f"{DISTRICT_BUT_ADA} ruth/staff": "2/1/1", "ada/staff": "1/0/0"},
    ),
    # A principal reads what the office answered.
    "registrations_shown": Read(
        "SELECT w.name AS list, r.* FROM unnest(ARRAY['to check', 'exact', 'answered']) w (name), registrations_shown(w.name, NULL, NULL) r",
        "list uuid",
        {
            f"{DISTRICT_BUT_ADA} ruth/staff": "to_check/[asked asked/kit] exact/asked/pia answered/asked/jo",
            "ada/staff": "to_check/asked answered/asked/jo",
            "pat/staff": "answered/asked/jo",
        },
        "number",
    ),
    "registration_shown": Read(
        f"SELECT * FROM (SELECT r.name, registration_shown(r.uuid) AS shown FROM {REQUESTS} OFFSET 0) w WHERE w.shown IS NOT NULL",
        "name",
        {f"{DISTRICT_BUT_ADA} ruth/staff": "asked asked/pia asked/kit asked/jo", "ada/staff": "asked asked/jo"},
    ),
    "prints_left": Read("SELECT n::text AS n FROM prints_left() AS n WHERE n > 0", "n", {OFFICES + " ruth/staff": "200"}),
    "letters_go_by_child": Read(
        "SELECT allowed FROM letters_go_by_child() AS allowed WHERE allowed IS NOT NULL", "allowed", {EVERYONE: "no"}
    ),
}
RECORDS = {
    "records_beside": Record(
        f"SELECT r.name AS request, b.* FROM {REQUESTS}, records_beside(r.uuid) b",
        "request student",
        beside,
        after=("request", "birthdays", "same person", "adults"),
    ),
    "contacts_for_letters": Record(
        "SELECT l.* FROM unnest(ARRAY['{middle}', '{elementary}']::uuid[]) s, contacts_for_letters(s) l",
        "contact",
        lambda view: {LETTERS[student] for student in view.seen if view.act == "letters"},
        "number",
    ),
    "contacts_on_letters": Record(
        f"SELECT * FROM contacts_on_letters({CONTACTS})",
        "name child",
        lambda view: {ON_LETTERS[student] for student in view.seen if view.act == "letter"},
        "letter",
    ),
}

SAID = """'{{"school": "{middle}", "given_name": "Tom", "family_name": "Vega", "birth_date": "2015-03-08", "relation": "mother"}}'::jsonb"""
FAMILIES = "ana jo tia dee gus lou dana ada oz ora pia uma zoe"
EVERYTHING = "{{grades,attendance,contacts,birth date,ledger}}"
ACTS = {
    "ask_for_child": Act(
        f"ask_for_child({SAID})",
        {" ".join(f"{who}/family" for who in FAMILIES.split()) + " uma/weak": "asked"},
        {"asked": "registration+1"},
    ),
    "withdraw_registration": Act(
        "withdraw_registration('{asked}')", {"lou/family": "true"}, {"true": "narrowing+1 registration~1"}, "false"
    ),
    # A student's account has no other use, and closes with the request.
    "withdraw_registration: of a student": Act(
        "withdraw_registration('{asked_kit}')",
        {"kit/student": "true"},
        {
            "true": "account~1 credential-1 ledger+1(account_closed) narrowing+3 person~1 registration~1 row_image+1 session~1"
        },
        "false",
    ),
    # A view of the record next to the claim comes first. Without that view, no one can approve.
    "answer_registration": Act(
        f"answer_registration('{{asked}}', 'approved', '{{nina}}', 'known', '{EVERYTHING}')",
        {"carl/staff ada/staff ruth/staff": "approved", "carl/stale": "again"},
        {
            "approved": "account_notice+4(parent_added>ana,nina,zoe;_request_answered>lou) ledger+1(tie_made:nina) ledger_student+1 registration~1 tie+1"
        },
        view=("request", "asked"),
        unviewed={"carl/stale": "again"},
    ),
    "answer_registration: no": Act(
        "answer_registration('{asked}', 'declined', NULL, '', '{{}}')",
        {"carl/staff ada/staff ruth/staff": "declined", "carl/stale": "again"},
        {"declined": "account_notice+1(request_answered>lou) ledger+1(request_declined) narrowing+1 registration~1"},
    ),
    "answer_registration: of a student": Act(
        "answer_registration('{asked_kit}', 'approved', '{kai}', 'known', '{{}}')",
        {"carl/staff ruth/staff": "approved", "carl/stale": "again"},
        {
            "approved": "account_notice+4(request_answered>kai;_student_account_opened>ada,dana,kai) account~1"
            " ledger+1(student_account_opened:kai) ledger_student+1"
            " person~1 registration~1 row_image+1 session~1"
        },
        view=("request", "asked/kit"),
        unviewed={"carl/stale": "again"},
    ),
    "approve_exact": Act(
        "approve_exact('{{{asked_pia}}}')",
        {"carl/staff ruth/staff": "1"},
        {
            "1": "account_mail+1 account_notice+3(parent_added>ada,dana;_request_answered>pia) ledger+1(tie_made:kai) ledger_student+1 registration~1 tie+1"
        },
        "0",
    ),
    "print_letters": Act(
        "print_letters('{{{contact_pia_kai}}}', ARRAY[sha256('letter')], 'post') IS NOT NULL",
        {"carl/staff ruth/staff": "true"},
        {"true": "contact_code+1 ledger+1(letter_printed:kai) ledger_student+1"},
        "false",
    ),
}
