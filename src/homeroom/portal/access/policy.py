"""May this kind of person do this kind of thing at all? Acts × who × risk. Which rows is the database's question (access/request, access/reach)."""

from dataclasses import dataclass
from enum import StrEnum

OFFICES = ("administrator", "registrar", "principal", "board second")


class Act(StrEnum):
    SEE_HOME = "home"
    READ_CHILD = "child"
    READ_LEDGER = "who has looked"
    SEE_WHO = "who can see"
    SEE_CLASSES = "classes"
    READ_GRADEBOOK = "gradebook"
    SEE_IMPORTS = "imports"
    DECIDE_IMPORT = "decision"
    SEND_FILE = "file"
    READ_CHANGES = "changes"
    COMPARE_PEOPLE = "same person"
    ANSWER_QUESTION = "answer"
    SEE_SETTINGS = "settings"
    CHANGE_SETTING = "setting"
    READ_CLASS_NAMES = "class names"
    SEE_PROPOSALS = "proposals"
    ANSWER_PROPOSAL = "second"
    SEE_OFFICE = "office"
    SEE_POLICY = "policy"
    DECIDE_OFFICE = "proposal"
    SEE_CODES = "codes"
    PRINT_CODE = "code"
    SEE_CARDS = "cards"
    PRINT_CARDS = "card"
    SEE_REQUESTS = "requests"
    WITHDRAW_REQUEST = "withdrawal"
    SEE_APPROVALS = "approvals"
    COMPARE_REQUEST = "request"
    APPROVE_EXACT = "exact requests"
    CHALLENGE = "challenge"
    SEE_CHECKS = "checks"
    SEE_LETTERS = "letters"
    PRINT_LETTERS = "letter"
    SEE_CHALLENGES = "challenges"
    CHECK_TIE = "tie check"
    TUTOR = "tutoring"
    SEE_TUTORS = "tutors"
    CONSENT = "consent"
    SEE_TUTOR_OFFICE = "tutor office"
    ANSWER_TUTOR = "tutor"
    SEE_AGES = "ages"
    READ_BIRTHDAYS = "birthdays"
    TURN_18 = "turning 18"
    READ_NEWS = "news"
    PUBLISH_NEWS = "publishing"
    SEE_TIES = "ties"
    KEEP_TIES = "adults"
    CHECK_LEDGER = "ledger check"
    INSPECT = "inspection"
    ANSWER_INSPECTION = "inspections"
    SEE_MASKED = "masked"
    MASK_STUDENT = "masking"
    SEE_RESTORATION = "restoration"
    OPEN_SIGN_IN = "open sign-in"
    SEE_ACCOUNT = "account"


class Risk(StrEnum):
    NONE = "opens no record"
    RECORD = "opens records: a look is written first"
    OFFICE = "an office's own business"


@dataclass(frozen=True, slots=True)
class Rule:
    who: frozenset[str]  # family, student, staff; of staff administrator, registrar, principal, and whom the board named
    risk: Risk


def _rule(risk: Risk, *who: str) -> Rule:
    return Rule(frozenset(who), risk)


RULES: dict[Act, Rule] = {
    Act.SEE_HOME: _rule(Risk.NONE, "family", "student", "staff", "administrator", "board second"),
    Act.READ_CHILD: _rule(Risk.RECORD, "family", "student"),
    Act.READ_LEDGER: _rule(Risk.RECORD, "family", "student"),
    Act.SEE_WHO: _rule(Risk.RECORD, "family", "student"),
    Act.SEE_CLASSES: _rule(Risk.NONE, "staff"),
    Act.READ_GRADEBOOK: _rule(Risk.RECORD, "staff"),
    Act.SEE_IMPORTS: _rule(Risk.OFFICE, "administrator"),
    Act.DECIDE_IMPORT: _rule(Risk.OFFICE, "administrator"),
    Act.SEND_FILE: _rule(Risk.OFFICE, "administrator"),
    Act.READ_CHANGES: _rule(Risk.RECORD, "administrator"),
    Act.COMPARE_PEOPLE: _rule(Risk.RECORD, "administrator"),
    Act.ANSWER_QUESTION: _rule(Risk.OFFICE, "administrator"),
    Act.SEE_SETTINGS: _rule(Risk.OFFICE, "administrator"),
    Act.CHANGE_SETTING: _rule(Risk.OFFICE, "administrator"),
    Act.READ_CLASS_NAMES: _rule(Risk.RECORD, "staff"),
    Act.SEE_PROPOSALS: _rule(Risk.OFFICE, "administrator", "board second"),
    Act.ANSWER_PROPOSAL: _rule(Risk.OFFICE, "administrator", "board second"),
    Act.SEE_OFFICE: _rule(Risk.OFFICE, "administrator"),
    Act.SEE_POLICY: _rule(Risk.OFFICE, "administrator"),
    Act.DECIDE_OFFICE: _rule(Risk.OFFICE, "administrator"),
    Act.SEE_CODES: _rule(Risk.OFFICE, "administrator", "registrar"),
    Act.PRINT_CODE: _rule(Risk.OFFICE, "administrator", "registrar"),
    Act.SEE_CARDS: _rule(Risk.NONE, "staff"),
    Act.PRINT_CARDS: _rule(Risk.OFFICE, "staff"),
    Act.SEE_REQUESTS: _rule(Risk.NONE, "family"),
    Act.WITHDRAW_REQUEST: _rule(Risk.NONE, "family", "student"),
    Act.SEE_APPROVALS: _rule(Risk.OFFICE, "administrator", "registrar", "principal"),
    Act.COMPARE_REQUEST: _rule(Risk.RECORD, "administrator", "registrar"),
    Act.APPROVE_EXACT: _rule(Risk.OFFICE, "administrator", "registrar"),
    Act.CHALLENGE: _rule(Risk.NONE, "family", "student"),
    Act.SEE_CHECKS: _rule(Risk.NONE, "family"),
    Act.SEE_LETTERS: _rule(Risk.OFFICE, "administrator", "registrar"),
    Act.PRINT_LETTERS: _rule(Risk.OFFICE, "administrator", "registrar"),
    Act.SEE_CHALLENGES: _rule(Risk.OFFICE, "administrator"),
    Act.CHECK_TIE: _rule(Risk.RECORD, "administrator"),
    Act.TUTOR: _rule(Risk.NONE, "family"),
    Act.SEE_TUTORS: _rule(Risk.NONE, "family", "student"),
    Act.CONSENT: _rule(Risk.NONE, "family", "student"),
    Act.SEE_TUTOR_OFFICE: _rule(Risk.OFFICE, "administrator"),
    Act.ANSWER_TUTOR: _rule(Risk.OFFICE, "administrator"),
    Act.SEE_AGES: _rule(Risk.OFFICE, "administrator", "registrar"),
    Act.READ_BIRTHDAYS: _rule(Risk.RECORD, "administrator", "registrar"),
    Act.INSPECT: _rule(Risk.NONE, "family", "student"),
    Act.ANSWER_INSPECTION: _rule(Risk.OFFICE, "administrator", "registrar"),
    Act.TURN_18: _rule(Risk.NONE, "student"),
    Act.READ_NEWS: _rule(Risk.NONE, "family", "student", "staff"),
    Act.PUBLISH_NEWS: _rule(Risk.OFFICE, "administrator", "principal"),
    Act.SEE_TIES: _rule(Risk.OFFICE, "administrator"),
    Act.KEEP_TIES: _rule(Risk.RECORD, "administrator"),
    Act.CHECK_LEDGER: _rule(Risk.RECORD, "administrator"),
    Act.SEE_MASKED: _rule(Risk.OFFICE, "administrator"),
    Act.MASK_STUDENT: _rule(Risk.OFFICE, "administrator"),
    Act.SEE_RESTORATION: _rule(Risk.OFFICE, "administrator"),
    Act.OPEN_SIGN_IN: _rule(Risk.OFFICE, "administrator"),
    Act.SEE_ACCOUNT: _rule(Risk.NONE, "family", "student", "staff", "administrator", "board second"),
}


def sides(act: Act) -> list[str]:
    """On which sides somebody may be signed in to do this; who holds an office is staff."""
    return sorted({"staff" if kind in OFFICES else kind for kind in RULES[act].who})


def may(act: Act, kinds: frozenset[str]) -> bool:
    """Whether somebody of these kinds may do this at all."""
    return bool(RULES[act].who & kinds)
