"""Expected answers about incidents: only the district's administrators handle them, and a letter is only its reader's."""

from tests.house.expected_ages import AGAIN
from tests.house.expected_offices import PROPOSED
from tests.house.expected_records import Record
from tests.house.notation import DISTRICT, Act, Read

ANY_PROOF = f"{DISTRICT} carl/stale"
FACT = "incident_fact+1 ledger+1(incident_fact) narrowing+1"
LETTER = '{{"en": {{"what_happened": "a", "doing": "b", "can_do": "c"}}, "es": {{"what_happened": "a", "doing": "b", "can_do": "c"}}}}'
ADULTS = "bo cam carl fay ira kit lou ora pat rosa ruth ted vera"  # without people around Oz's own children

READS = {
    "incidents_shown": Read("SELECT * FROM incidents_shown()", "uuid", {DISTRICT: "incident"}, "number"),
    "incident_facts": Read(
        "SELECT * FROM incident_facts('{incident}')",
        "uuid",
        {DISTRICT: "incident/declared incident/done incident/released incident/printed incident/closed incident/counted"},
        "number",
    ),
    "incident_accounts": Read("SELECT name, side FROM incident_accounts('larsen', NULL)", "name side", {DISTRICT: "Bo_Larsen/staff"}),
    "incident_sign_ins": Read(
        "SELECT 'sign_in' AS name FROM incident_sign_ins((SELECT uuid FROM incident_accounts('larsen', NULL)))", "name", {DISTRICT: "sign_in"}
    ),
    "incidents_to_list": Read("SELECT * FROM incidents_to_list()", "uuid", {"oz/staff": "incident"}),
    "incident_imports": Read("SELECT DISTINCT 'import' AS name FROM incident_imports()", "name", {DISTRICT: "import"}),
    "incident_containing": Read("SELECT kind AS name FROM incident_containing('{incident}')", "name", {DISTRICT: "signer support"}),
    "incident_effects": Read("SELECT replace(what, ' ', '_') AS name FROM incident_effects('{incident}')", "name", {DISTRICT: "signer_added"}),
    "letters_counted": Read("SELECT * FROM letters_counted('{incident}')", "notice way letters opened waiting",
        {DISTRICT: "first_notice/paper/1/0/0 first_notice/portal/1/0/0"}),
    "breach_letters_shown": Read("SELECT * FROM breach_letters_shown()", "uuid", {"ana/family": "letter"}),
}
RECORDS = {
    "affected_shown": Record(
        "SELECT * FROM affected_shown('{incident}')", "uuid", lambda view: {*view.seen, *ADULTS.split()} if view.act == "affected" else set()
    ),
    "breach_letters_listed": Record(
        "SELECT * FROM breach_letters_listed('{incident}', 'ana', NULL)",
        "uuid",
        lambda view: {"letter"} if view.act == "breach letter list" else set(),
        "number",
    ),
    "batch_letters_shown": Record(
        "SELECT * FROM batch_letters_shown('{incident_printed}')",
        "uuid",
        lambda view: {"letter/dee"} if view.act == "breach batch" else set(),
    ),
}
ACTS = {
    "declare_incident": Act(
        "declare_incident('{nina}', 'A lost phone', 'A call', now() - interval '1 hour')",
        {ANY_PROOF: "recorded"},
        {"recorded": f"account_notice+3(incident_declared>ada,carl,ira) incident+1 {FACT}"},
    ),
    "note_incident": Act("note_incident('{incident}', 'note', '', 'A call', NULL)", {ANY_PROOF: "recorded"}, {"recorded": FACT}),
    "start_earlier": Act("start_earlier('{incident}', now() - interval '99 days', 'A mail')", {ANY_PROOF: "recorded"}, {"recorded": FACT}),
    "propose_later_start": Act(
        "propose_later_start('{incident}', now() - interval '9 days', 'A mistake')",
        {DISTRICT: "proposed", **AGAIN},
        {"proposed": PROPOSED.format("later_start")},
    ),
    "hold_notices": Act("hold_notices('{incident}', 'Sheriff', NULL)", {DISTRICT: "recorded", **AGAIN}, {"recorded": FACT}),
    "end_hold": Act("end_hold('{incident}', 'A call')", {ANY_PROOF: "odd"}),
    "name_suspect": Act(
        "name_suspect('{incident}', (SELECT uuid FROM incident_accounts('larsen', NULL)), false, 'A list')",
        {DISTRICT: "recorded", **AGAIN},
        {
            "carl/staff recorded": f"account_notice+2(incident_suspect>ada,ira) {FACT}",
            "ada/staff recorded": f"account_notice+2(incident_suspect>carl,ira) {FACT}",
        },
    ),
    "count_affected": Act(
        "count_affected('{incident}', 'everyone', 'login', '', NULL, NULL, 'A stolen login')", {ANY_PROOF: "recorded"}, {"recorded": FACT}
    ),
    "set_count_aside": Act("set_count_aside('{incident}', '{incident}', 'A mistake')", {ANY_PROOF: "odd"}),
    "contain": Act("contain('{incident}', 'close', '{nina}', 'A list')", {DISTRICT: "odd", **AGAIN}),
    "draft_letter": Act(f"draft_letter('{{incident}}', 'first notice', '{LETTER}')", {ANY_PROOF: "recorded"}, {"recorded": FACT}),
    "propose_letters": Act("propose_letters('{incident}', 'first notice', 'Ready')", {ANY_PROOF: "odd"}),
    "review_incident": Act("review_incident('{incident}', 'It went well')", {ANY_PROOF: "odd"}),
    "choose_notifier": Act("choose_notifier('{incident}', true, 'The board')", {ANY_PROOF: "taken"}),
    "print_breach_letters": Act("print_breach_letters('{incident}', 'paper')", {DISTRICT: "odd", **AGAIN}),
    "batch_mailed": Act("batch_mailed('{incident}', '{incident}', now(), 'A driver')", {ANY_PROOF: "odd"}),
    "letter_given": Act("letter_given('{incident}', '{letter}', now(), 'Carl')", {ANY_PROOF: "odd"}),
    "letter_came_back": Act("letter_came_back('{incident}', '{letter}', 'Moved')", {ANY_PROOF: "odd"}),
    "propose_letter_way": Act("propose_letter_way('{incident}', '{letter}', 'hand', 'Safer')", {ANY_PROOF: "odd"}),
    "open_breach_letters": Act("open_breach_letters()", {"ana/family": "recorded"}, {"recorded": "breach_letter~1"}),
}
