"""Expected answers about challenges: what a family writes, what the challenged adult reads, and what the office does. Only the office learns who asked."""

from tests.house.expected_records import Record
from tests.house.expected_views import View
from tests.house.notation import DISTRICT, Act, Read

CASES = "(VALUES ('challenge', '{challenge}'::uuid), ('challenge/ada', '{challenge_ada}')) AS c (name, uuid)"


def case(view: View) -> set[str]:
    """Returns challenges after a view that opened the child's contacts, for people who decide them. Ada doesn't decide about Kai, and Fay and registrars
    decide none.
    """
    about = {"challenge": "nina", "challenge/ada": "kai"}
    is_decided = "contacts" in view.has and view.role in DISTRICT.split()
    return {
        name
        for name, student in about.items()
        if is_decided and student in view.seen and (view.role != "ada/staff" or student != "kai")
    }


READS = {
    # For adults with that right whose own access isn't challenged, and students from grade 6. A confidential adult is in no list.
    "challengeable": Read(
        "SELECT s.name AS child, w.* FROM {who}, challengeable(s.uuid) w",
        "child whom",
        {
            "ana/family": "nina/[tie/jo/nina tie/oz/nina asked]",
            "dana/family": "kai/[tie/ada/kai tie/oz/kai asked/pia]",
            "ada/family": "kai/[tie/dana/kai tie/oz/kai asked/pia]",
            "dee/family": "max/tie/gus/max",
            "nina/student": "nina/[tie/ana/nina tie/jo/nina tie/oz/nina asked]",
            "max/student": "max/[tie/dee/max tie/gus/max]",
            "ned/student": "ned/tie/ora/ned",
            "ivy/student": "ivy/[tie/ora/ivy tie/pia/ivy]",
        },
        "since",
    ),
    "my_challenges": Read(
        "SELECT 'mine' AS whose, * FROM my_challenges()",
        "uuid",
        {"ana/family": "challenge", "ada/family": "challenge/ada"},
    ),
    "messages_of_my_challenge": Read(
        f"SELECT c.name, m.* FROM {CASES}, messages_of_my_challenge(c.uuid) m",
        "name",
        {"ana/family": "challenge", "ada/family": "challenge/ada"},
    ),
    "my_checks": Read("SELECT * FROM my_checks()", "uuid", {"jo/family": "tie/jo/nina", "dana/family": "tie/dana/kai"}),
    "messages_of_my_check": Read(
        "SELECT t.name, m.* FROM (VALUES ('jo', '{tie_jo_nina}'::uuid), ('dana', '{tie_dana_kai}')) t (name, uuid), messages_of_my_check(t.uuid) m",
        "name",
        {"jo/family": "jo", "dana/family": "dana"},
    ),
    # Not about one's own child or an adult of that child, and not by such an adult.
    "challenges_shown": Read(
        "SELECT c.* FROM unnest(ARRAY['open', 'decided']) w, challenges_shown(w) c",
        "uuid",
        {DISTRICT: "challenge", "carl/staff": "challenge/ada"},
        "clock",
    ),
    "challenge_messages": Read(
        f"SELECT c.name, m.* FROM {CASES}, challenge_messages(c.uuid) m",
        "name thread",
        {DISTRICT: "challenge/[challenger challenged]", "carl/staff": "challenge/ada/[challenger challenged]"},
    ),
}
RECORDS = {
    "challenge_shown": Record(
        f"SELECT * FROM (SELECT c.name, challenge_shown(c.uuid) - 'could_close_until' AS shown FROM {CASES} OFFSET 0) w WHERE w.shown IS NOT NULL",
        "name",
        case,
        after=("tie check", "adults", "request", "same person"),
    ),
}

AGAIN = {"carl/stale": "again"}
CHALLENGED = "account_notice+2(challenge_waits>carl,ira) challenge+1 ledger+1(challenge_begun) narrowing+1"  # not Ada, since Oz has access to her Kai
ACTS = {
    "begin_challenge": Act(
        "begin_challenge('{nina}', '{tie_oz_nina}', 'stranger', '')",
        {"ana/family nina/student": "sent"},
        {"sent": CHALLENGED},
    ),
    "write_about_my_challenge": Act(
        "write_about_my_challenge('{challenge}', 'Thank you.')",
        {"ana/family": "sent"},
        {"sent": "account_notice+3(challenge_waits>ada,carl,ira) challenge_message+1"},
    ),
    "write_about_my_check": Act(
        "write_about_my_check('{tie_jo_nina}', 'I am her uncle.')",
        {"jo/family": "sent"},
        {"sent": "account_notice+3(challenge_waits>ada,carl,ira) challenge_message+1"},
    ),
    "write_in_challenge": Act(
        "write_in_challenge('{challenge}', 'challenger', 'Who is he?')",
        {f"{DISTRICT} carl/stale": "sent"},
        {"sent": "account_notice+1(school_wrote>ana) challenge_message+1 challenge~1"},
    ),
    "decide_challenge": Act(
        "decide_challenge('{challenge}', 'ended', '', 'Nobody knows him.')",
        {"carl/staff ada/staff": "ended", **AGAIN},
        {
            "ended": "account_notice+2(challenge_answered>ana;_tie_ended>jo) account~1 challenge~1 closing+1"
            " ledger+3(account_closed;_challenge:_ended;_tie_ended:nina)"
            " ledger_student+1 narrowing+3 session~1 tie~1"
        },
    ),
    # The record has Jo, so one administrator can open what the challenge closed.
    "decide_challenge: restored": Act(
        "decide_challenge('{challenge}', 'restored', 'photo id', 'He is her uncle.')",
        {"carl/staff ada/staff": "restored", **AGAIN},
        {
            "restored": "account_notice+2(challenge_answered>ana;_tie_opened>jo) challenge~1 closing+2"
            " ledger+2(challenge:_restored;_tie_opened:nina) ledger_student+1 tie~1"
        },
    ),
    "give_leave": Act(
        "give_leave('{challenge_ada}')",
        {"carl/staff": "given", **AGAIN},
        {"given": "account_notice+1(school_wrote>ada) challenge~1 ledger+1(challenge:_leave)"},
    ),
}
