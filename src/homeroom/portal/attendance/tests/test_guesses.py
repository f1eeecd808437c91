"""The likely meanings of the codes of five student systems, one list per system, and the codes that no one can guess."""

import pytest

from homeroom.portal.attendance.calendar import Codes, Meaning, meaning
from homeroom.portal.attendance.code_pages import words_of
from homeroom.portal.attendance.guesses import EXCUSES, TABLES, WORDS, guess, hint
from homeroom.portal.attendance.models import Excuse, Presence

USUAL: Codes = {
    ("present", ""): Meaning(Presence.PRESENT, Excuse.UNKNOWN),
    ("absent", ""): Meaning(Presence.ABSENT, Excuse.UNKNOWN),
    ("tardy", ""): Meaning(Presence.TARDY, Excuse.UNKNOWN),
}
# "absent ill" is the excuse code ill of the status absent. A single code is a status.
COMMON = {
    "PowerSchool": {
        "Present": "p", "Absent": "a absent/unv", "Absent, excused": "ae ea absent/ill absent/med absent/dr absent/ae absent/exc absent/apt",
        "Absent, unexcused": "au ua absent/au absent/unx absent/tru", "Late": "t tdy", "Late, excused": "te et tardy/e tardy/apt",
        "Late, unexcused": "tu ut", "Left early": "ed",
    },
    "Infinite Campus": {
        "Present": "p", "Absent": "a absent/unk", "Absent, excused": "ae a/e a/exc absent/e absent/med", "Absent, unexcused": "au a/unx absent/tru",
        "Late": "t", "Late, excused": "t/e te", "Late, unexcused": "t/unx tu", "Left early": "er",
    },
    "Aeries": {
        "Present": "p", "Absent": "a unv absent/unv", "Absent, excused": "ill absent/ill absent/m absent/e", "Absent, unexcused": "absent/unx", "Late": "t",
    },
    "Skyward": {
        "Present": "p", "Absent": "a", "Absent, excused": "a/e a/ill absent/dr absent/fun absent/rel", "Absent, unexcused": "a/unx absent/tru", "Late": "t",
    },
    "Synergy": {
        "Present": "p", "Absent": "abs unv absent/unv", "Absent, excused": "exc exa absent/exc absent/ill absent/apt absent/ber",
        "Absent, unexcused": "unx uxa absent/unx", "Late": "t tdy", "Late, excused": "ext exl", "Late, unexcused": "uxt",
    },
}  # fmt: skip
# Each with the meanings that two systems, or two districts of one system, give it.
OPEN = {
    "e": "PowerSchool: excused absence; Infinite Campus: early release",
    "u": "PowerSchool and Skyward: unexcused; Aeries and Synergy: unverified",
    "absent/u": "Infinite Campus: unexcused; Aeries and Synergy: unverified",
    "i": "Aeries: illness; PowerSchool: in-school suspension",
    "absent/i": "the same",
    "l": "Aeries: late; Skyward: late, excused",
    "x": "Aeries: excused; Skyward: varies",
    "absent/x": "Aeries: excused; Infinite Campus: exempt",
    "n": "Aeries: not excused; Skyward: a school activity",
    "m": "Aeries: medical, or late and excused",
    "v": "unverified, verified or vacation",
    "s": "suspended: some states excuse it",
    "absent/iss": "in-school suspension: some districts count it as present",
    "absent/oss": "out-of-school suspension: some states excuse it",
    "absent/fld": "field trip: some districts count it as present",
    "absent/act": "school activity: the same",
    "absent/vac": "vacation: some districts excuse it",
    "absent/d": "dismissed, doctor or detention",
    "cou": "Synergy: check out, counselor or court",
    "le": "left early, or late and excused",
}
WRITTEN = {
    "excused absence": "Absent, excused",
    "absence - unexcused": "Absent, unexcused",
    "tardy (excused)": "Late, excused",
    "late arrival": "Late",
    "early dismissal": "Left early",
    "truancy": "",
    "absent, not excused": "",
    "absent, late": "",
    "absent/doctor appointment": "Absent, excused",
    "absent/excused absence": "Absent, excused",
    "absent/unverified": "Absent",
    "absent/illness - no note": "",
    "absent/tardy excused": "",
    "excused absence/unx": "",
    "fld": "",
    "": "",
}


def said(code: str) -> str:
    status, _, excuse_code = code.partition("/")
    found = guess((status, excuse_code), USUAL)
    return words_of(found) if found else ""


@pytest.mark.parametrize("system", COMMON)
def test_the_common_codes_of_a_student_system_are_guessed_right(system: str) -> None:
    wrong = {code: (said(code), words) for words, codes in COMMON[system].items() for code in codes.split() if said(code) != words}
    assert set(COMMON) == set(TABLES) and wrong == {}


@pytest.mark.parametrize("code", OPEN)
def test_a_code_that_means_different_things_is_asked(code: str) -> None:
    assert said(code) == "", OPEN[code]


@pytest.mark.parametrize("code", WRITTEN)
def test_a_code_in_words_is_guessed_from_words_that_agree(code: str) -> None:
    assert said(code) == WRITTEN[code]


def test_no_system_outvotes_another() -> None:
    """A guess is made only if every table that has the code gives it the same meaning."""
    for column in ("status", "excuse"):
        every = {code for table in TABLES.values() for code in getattr(table, column)}
        for code in every:
            words = {getattr(table, column)[code] for table in TABLES.values() if code in getattr(table, column)}
            assert (hint(code, column) is None) == (len(words) > 1 or "ask" in words), (column, code, words)


def test_each_word_of_the_tables_is_one_that_is_understood() -> None:
    known = {*EXCUSES, "ask", "present", "absent", "tardy", "left early"}
    told = {words for table in TABLES.values() for words in (*table.status.values(), *table.excuse.values())} | set(WORDS.values())
    assert {words for words in told if words not in known and not all(word in known for word in words.split())} == set()


def test_the_districts_meaning_for_a_status_outweighs_a_guess() -> None:
    codes: Codes = {**USUAL, ("a", ""): Meaning(Presence.TARDY, Excuse.UNKNOWN), ("w", ""): Meaning(Presence.RECORDED, Excuse.UNKNOWN)}
    assert guess(("a", "ill"), codes) == Meaning(Presence.TARDY, Excuse.EXCUSED)
    assert guess(("w", "ill"), codes) is None and guess(("never heard of", "ill"), codes) is None


def test_no_guess_is_what_a_family_reads() -> None:
    for code in ("absent/ill", "ae", "excused absence", "absent/unx"):
        status, _, excuse_code = code.partition("/")
        assert said(code) and meaning(status, excuse_code, USUAL).excuse is Excuse.UNKNOWN
