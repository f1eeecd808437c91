"""Expected answers about access and restrictions that the district sets. They need a view of the student's page, which the student's access log keeps."""

from collections.abc import Callable

from tests.house.expected_offices import PROPOSED
from tests.house.expected_records import Record
from tests.house.expected_views import View
from tests.house.notation import DISTRICT, Act, names

ADULTS = ("adults", "ledger check", "tie check", "request")
TIES = {
    "nina": "tie/[ana jo tia oz zoe]/nina",
    "leo": "tie/[ana oz uma]/leo",
    "kai": "tie/[dana ada oz]/kai",
    "max": "tie/[dee gus]/max",
    "ned": "tie/[ora tia]/ned",
    "sia": "tie/ora/sia",
    "ivy": "tie/[ora pia]/ivy",
    "hal": "tie/ora/hal",
}
CONTACTS = {
    "nina": "contact/[ana jo zoe]/nina",
    "leo": "contact/[ana eli]/leo",
    "kai": "contact/[pia quin]/kai",
    "max": "contact/[dee gus]/max",
    "ned": "contact/ora/ned",
    "sia": "contact/ora/sia",
    "ivy": "contact/ora/ivy",
    "hal": "",
}
RESTRICTIONS = {"max": "restriction", "sia": "restriction/ted"}


def kept(view: View) -> list[str]:
    """Returns students whose contacts the view opened, for administrators of the school or the district who aren't adults of the child."""
    return view.seen if "contacts" in view.has and view.role != "ruth/staff" else []


RESTRICTED = {"max": "restriction", "sia": "restriction/ted"}


def of_child(rows: dict[str, str]) -> Callable[[View], set[str]]:
    return lambda view: {name for student in kept(view) for name in names(rows.get(student, ""))}


# Dana is the mother of Kai, about whose adults Ada doesn't decide. Bo doesn't teach at Fay's school.
FOUND = {"nina=dana": {"carl": "dana"}, "leo=bo": {"carl": "bo", "ada": "bo"}, "leo=ana": {"carl": "ana", "ada": "ana", "fay": "ana"}}


def found(view: View, act: str) -> set[str]:
    """Returns people that the view's search found."""
    return set(FOUND.get(view.subject, {}).get(view.role.split("/")[0], "").split()) if view.act == act else set()


RECORDS = {
    "child_kept": Record(
        "SELECT * FROM (SELECT s.name, child_kept(s.uuid) AS shown FROM {who} OFFSET 0) w WHERE w.shown IS NOT NULL",
        "name",
        lambda view: set(kept(view)),
        after=ADULTS,
    ),
    "ties_of_child": Record("SELECT t.* FROM {who}, ties_of_child(s.uuid) t", "uuid", of_child(TIES), after=ADULTS),
    "students_for_ties": Record("SELECT * FROM students_for_ties()", "uuid", lambda view: set(view.seen) if view.act == "ties" else set()),
    "ties_of_adult": Record(
        "SELECT * FROM ties_of_adult()",
        "child",
        lambda view: set(view.seen) if view.act == "ties" and view.subject in ("ana", "dana") else set(),
    ),
    "restrictions_shown": Record(
        "SELECT * FROM restrictions_shown(NULL)",
        "uuid",
        lambda view: {RESTRICTED[student] for student in view.seen if view.act == "ties" and student in RESTRICTED},
    ),
    "contacts_of_child": Record(
        "SELECT c.* FROM {who}, contacts_of_child(s.uuid) c", "uuid", of_child(CONTACTS), after=ADULTS
    ),
    "adults_found": Record("SELECT * FROM adults_found()", "uuid", lambda view: found(view, "adults")),
    "people_to_bar": Record("SELECT * FROM people_to_bar()", "uuid", lambda view: found(view, "people")),
}

AGAIN = {"carl/stale": "again"}
OF_NINA = ("adults", "nina")
DAY = "(now() AT TIME ZONE 'America/Los_Angeles')::date"
TIE = f"""jsonb_build_object('start', {DAY}, 'basis', 'court order', 'views', '["grades"]'::jsonb, 'rights', '[]'::jsonb,
    'proof', 'in person', 'relation', 'aunt')"""


def by_both(answer: str) -> dict[str, str]:
    """Returns the answer for Carl and Ada, who just signed in again."""
    return {"carl/staff ada/staff": answer, **AGAIN}


ACTS = {
    "restrictions_shown: of a student": Act(
        "SELECT coalesce(string_agg(r.name, ', '), '') FROM restrictions_shown('{sia}') r",
        {f"{DISTRICT} carl/stale": "Ted Shaw"},
        view=("adults", "sia"),
    ),
    "set_tie": Act(
        f"set_tie('{{nina}}', '{{bo}}', 'guardian', {TIE})",
        by_both("set"),
        {"set": "account_notice+3(parent_added>ana,nina,zoe) ledger+1(tie_made:nina) ledger_student+1 tie+1"},
        view=OF_NINA,
    ),
    "change_tie": Act(
        f"change_tie('{{max}}', '{{tie_dee_max}}', {TIE})",
        by_both("changed"),
        {"changed": "closing+1 ledger+1(tie_changed:max) ledger_student+1 narrowing+1 tie~1"},
        view=("adults", "max"),
    ),
    "end_tie": Act(
        "end_tie('{nina}', '{tie_zoe_nina}')",
        by_both("ended"),
        {
            "ended": "account_notice+1(tie_ended>zoe) account~1 closing+1 ledger+2(account_closed;_tie_ended:nina) ledger_student+1 narrowing+2 session~1 tie~1"
        },
        view=OF_NINA,
    ),
    "set_tie_confidential": Act(
        "set_tie_confidential('{nina}', '{tie_ana_nina}', true)",
        by_both("hidden"),
        {"hidden": "closing+1 ledger+1(tie_hidden) narrowing+1 tie~1"},
        view=OF_NINA,
    ),
    "set_tie_confidential: named": Act(
        "set_tie_confidential('{nina}', '{tie_zoe_nina}', false)",
        by_both("proposed"),
        {"proposed": PROPOSED.format("tie_named")},
        view=OF_NINA,
    ),
    "bar": Act(
        f"bar('{{nina}}', '{{bo}}', jsonb_build_object('start', {DAY}, 'basis', 'court order', 'paper', 'file 7'))",
        by_both("barred"),
        {"barred": "closing+1 ledger+1(restriction_made) narrowing+1 restriction+1"},
        view=OF_NINA,
    ),
    "bar_longer": Act(
        f"bar_longer('{{sia}}', '{{restriction_ted}}', {DAY} + 90)",
        by_both("longer"),
        {"longer": "closing+1 ledger+1(restriction_made_longer) narrowing+1 restriction~1"},
        view=("adults", "sia"),
    ),
    "propose_lifting": Act(
        "propose_lifting('{max}', '{restriction}', 'It is over.')",
        by_both("proposed"),
        {"proposed": PROPOSED.format("lifted_restriction")},
        view=("adults", "max"),
    ),
    "keep_contact": Act(
        "keep_contact('{nina}', '{contact_ana_nina}')",
        by_both("kept"),
        {"kept": "closing+1 contact~1 ledger+1(contact_kept_confidential) narrowing+2 row_image+1 tie~1"},
        view=OF_NINA,
    ),
    "join_contact": Act(
        "join_contact('{leo}', '{contact_eli_leo}', '{ana}')",
        {"carl/staff ada/staff fay/staff": "joined", **AGAIN},
        {"joined": "contact_join+1 ledger+1(contact_joined)"},
        view=("adults", "leo"),
    ),
    "part_contact": Act(
        "part_contact('{nina}', '{join}')",
        by_both("undone"),
        {"undone": "contact_join~1 ledger+1(contact_parted)"},
        view=OF_NINA,
    ),
    "propose_contact_shown": Act(
        "propose_contact_shown('{nina}', '{contact_zoe_nina}', 'She asked.')",
        by_both("proposed"),
        {"proposed": PROPOSED.format("contact_shown")},
        view=OF_NINA,
    ),
    "close_to_parents": Act(
        "close_to_parents('{nina}', 'safety', 'Call us.')",
        by_both("closed"),
        {
            "closed": "account_notice+1(record_shut>ana) closed_to_parents+1 closing+4 ledger+1(closed_to_parents:nina) ledger_student+1 narrowing+4 tie~4"
        },
        view=OF_NINA,
    ),
    "propose_opening_to_parents": Act(
        "propose_opening_to_parents('{sia}', 'It is over.')",
        by_both("proposed"),
        {"proposed": PROPOSED.format("parent_accounts")},
        view=("adults", "sia"),
    ),
}
