"""Builds the pages about questions. Pure: records in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.intake.office.questions import QUESTIONS, Beside, Question, Side, Tally
from homeroom.portal.intake.same_person_models import ANSWERS
from homeroom.portal.wording import dates
from homeroom.portal.wording.statements import statements_said


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """`why` says which of the two kinds it is. `tag` is a kind of tag and its word."""

    path: str
    name: str
    why: str
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Questions:
    delivery: int
    lead: str
    rows: tuple[QuestionRow, ...]
    place: str
    earlier: int | None
    more: int | None


def list_page(delivery: int, found: Sequence[Question], counted: Tally, before: int) -> Questions:
    """`before` is how many questions are on the pages before this one. `earlier` and `more` are that number for the previous and next page."""
    shown = found[:QUESTIONS]
    last = before + len(shown)
    place = _("%(first)s to %(last)s of %(n)s") % {"first": before + 1, "last": last, "n": counted.in_all}
    return Questions(
        delivery,
        lead_of(counted),
        tuple(_row(asked) for asked in shown),
        place=place if counted.in_all > QUESTIONS else "",
        earlier=max(before - QUESTIONS, 0) if before else None,
        more=last if len(found) > QUESTIONS else None,
    )


def lead_of(counted: Tally) -> str:
    if counted.waiting:
        return ngettext("%(n)s question needs an answer.", "%(n)s questions need an answer.", counted.waiting) % {"n": counted.waiting}
    if counted.applied == counted.in_all:
        return _("All questions are answered, and the answers were applied.")
    return _("All questions are answered. The answers take effect when the file is approved.")


def _row(asked: Question) -> QuestionRow:
    return QuestionRow(f"/questions/{asked.question}", f"sourcedId {asked.sourced_id}", why(asked.kind), tag_of(asked))


def why(kind: str) -> str:
    if kind == "reused":
        return _("The sourcedId has another name and another birth date than before.")
    return _("A new sourcedId has the name and birth date of a person who just left.")


def tag_of(asked: Question) -> tuple[str, str]:
    if asked.is_applied:
        return ("imported", _("Applied"))
    if asked.is_final:
        return ("plain", _("Answered"))
    return ("waiting", _("Needs a second approval") if asked.answer else _("Needs an answer"))


@dataclass(frozen=True, slots=True)
class Compared:
    """`mark` is Same, Different or Not on file."""

    field: str
    file: str
    ours: str
    mark: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    name: str
    follows: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`said` is the result of the reader's last action, and whether it worked. `state` is open, proposed, mine, answered, applied or merged."""

    path: str
    delivery: int
    lead: str
    said: Reply | None
    rows: tuple[Compared, ...]
    statements: tuple[str, ...]
    hangs_on: tuple[str, ...]
    options: tuple[Option, ...]
    state: str
    history: tuple[str, ...]
    answer: str
    answer_name: str
    follows: str

    @property
    def is_proposed(self) -> bool:
        return self.state in ("proposed", "mine")


def question_page(asked: Question, found: Beside, then: str) -> QuestionPage:
    options = tuple(Option(value, names()[value], follows(asked.kind)[value]) for value in ANSWERS)
    chosen = asked.answer or ""
    return QuestionPage(
        path=f"/questions/{asked.question}",
        delivery=found.delivery,
        lead=why(asked.kind),
        said=said(then),
        rows=compared(found.file, found.ours),
        statements=statements_said(found.statement),
        hangs_on=hangs_on(found),
        options=options,
        state=state_of(asked),
        history=history(asked),
        answer=chosen,
        answer_name=names().get(chosen, ""),
        follows=follows(asked.kind).get(chosen, ""),
    )


def state_of(asked: Question) -> str:
    if asked.is_applied:
        return "merged" if asked.is_merged else "applied"
    if asked.is_final:
        return "answered"
    if asked.answer:
        return "mine" if asked.is_mine else "proposed"
    return "open"


def names() -> dict[str, str]:
    return {"same person": _("Same person"), "new person": _("New person"), "merge": _("Two records of one person")}


def follows(kind: str) -> dict[str, str]:
    """Returns what each answer leads to, in sentences."""
    new = _("A new record begins. The current record ends and keeps its grades, attendance and access. The new one has none of them.")
    if kind == "returned":
        new = _("A new record begins. The former student’s record stays ended, with its grades, attendance and access.")
    return {
        "same person": _(
            "The current record continues under this sourcedId. It keeps its grades, attendance, access and accounts. A second administrator "
            "must confirm."
        ),
        "new person": new,
        "merge": _(
            "A new record begins and takes over the classes, scores and attendance of the current one. Access and accounts don’t move. A "
            "second administrator must confirm. You can undo it."
        ),
    }


def said(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.PROPOSED: (_("Your answer is saved. A second administrator must confirm it."), True),
        Answer.ANSWERED: (_("The question is answered."), True),
        Answer.OPEN: (_("You withdrew the answer. The question is open again."), True),
        Answer.UNDONE: (_("The two records are separate again."), True),
        Answer.TAKEN: (_("Someone else answered first, or you gave this answer yourself. You changed nothing. This page shows the current state."), False),
        Answer.BUSY: (_("A file is being imported. Nothing was changed. Try again in a few minutes."), False),
    })


def history(asked: Question) -> tuple[str, ...]:
    lines = []
    if asked.proposed_by and asked.proposed_at:
        lines.append(_("Answered by %(name)s, %(when)s") % {"name": asked.proposed_by, "when": moment(asked.proposed_at)})
    if asked.confirmed_by and asked.confirmed_at:
        lines.append(_("Confirmed by %(name)s, %(when)s") % {"name": asked.confirmed_by, "when": moment(asked.confirmed_at)})
    if asked.undone_at:
        lines.append(_("Separated again, %(when)s") % {"when": moment(asked.undone_at)})
    return tuple(lines)


def moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{dates.day(local.date())}, {dates.clock(local)}"


def hangs_on(found: Beside) -> tuple[str, ...]:
    ties = ngettext("%(n)s adult with access", "%(n)s adults with access", found.ties) % {"n": found.ties}
    accounts = ngettext("%(n)s account", "%(n)s accounts", found.accounts) % {"n": found.accounts}
    return (ties, accounts)


def compared(file: Side, ours: Side) -> tuple[Compared, ...]:
    """Returns the fields that differ first."""
    pairs = (
        (_("Given name"), file.given_name, ours.given_name),
        (_("Family name"), file.family_name, ours.family_name),
        (_("Birth date"), _born(file), _born(ours)),
        (_("Grade level"), file.grade_levels, ours.grade_levels),
        (_("Schools"), file.schools, ours.schools),
        ("sourcedId", file.sourced_id, ours.sourced_id),
    )
    rows = [_compared(*pair) for pair in pairs]
    return tuple(sorted(rows, key=lambda row: not row.differs))


def _compared(field: str, file: str, ours: str) -> Compared:
    differs = file.casefold() != ours.casefold()
    mark = pgettext("of two records", "Same") if not differs else _("Different") if file and ours else _("Not on file")
    return Compared(field, file, ours, mark, differs)


def _born(side: Side) -> str:
    return dates.dated_day(side.birth_date) if side.birth_date else ""
