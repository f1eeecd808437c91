"""Work, scores and class grades: what a term's gradebooks look like on the evening of an export."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import floor
from random import Random

from homeroom.ops.demo.madeup.calendar import SchoolYear, TermDates, is_holiday
from homeroom.ops.demo.madeup.curriculum import STANDARDS, TERM_GRADE, WEIGHTS, Work, letter_of, standard_of
from homeroom.ops.demo.madeup.people import People, Student
from homeroom.ops.demo.madeup.timetable import Section

COMMENTS = (
    "Good use of evidence.",
    "See me about question 4.",
    "Redo by Friday for half credit.",
    "Much better than last time.",
    "Please show your steps.",
)
LEAD = {3: 3, 4: 7}  # days between giving and handing in, by the weekday it is due; others a week and a half
LONG_LEAD = 10
FIRST_WORK = timedelta(days=3)  # nothing is due in a year's first days


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    title: str
    section: Section
    category: str
    term: TermDates
    assigned: date
    due: date
    out_of: int
    work: Work | None  # None: the grade of the class for the term


@dataclass(slots=True)
class Mark:
    """One result. `status` is OneRoster's scoreStatus; flags are those that are true."""

    status: str
    scored: date
    score: float | None = None
    text: str = ""
    comment: str = ""
    flags: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        return self.score is not None and self.status == "fully graded"


@dataclass(slots=True)
class Gradebook:
    section: Section
    items: list[Item] = field(default_factory=list)
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)  # by item and student


def gradebooks(people: People, sections: Iterable[Section], year: SchoolYear, as_of: date) -> Iterator[Gradebook]:
    for section in sections:
        if section.subject:
            book = Gradebook(section)
            for work in section.subject.works:
                for item in _items(people, section, work, year, as_of):
                    book.items.append(item)
                    _mark_all(book, item, as_of)
            yield book


def add_grades(people: People, book: Gradebook, year: SchoolYear, as_of: date) -> None:
    """A class grade a term, as the work and its weights make it; of the running term it is in progress."""
    for term in year.terms:
        if term.start < as_of:
            item = _grade_item(people, book.section, term)
            book.items.append(item)
            for student in book.section.students:
                grade = _grade(book, student, term, as_of)
                if grade:
                    book.marks[item.id, student.id] = grade


def _items(people: People, section: Section, work: Work, year: SchoolYear, as_of: date) -> Iterator[Item]:
    count = 0
    for week in range((year.end - year.start).days // 7):
        due = year.start + timedelta(weeks=week, days=work.weekday)
        assigned = due - timedelta(days=LEAD.get(work.weekday, LONG_LEAD))
        if (week + 1) % work.every or is_holiday(due) or assigned >= as_of or due < year.start + FIRST_WORK:
            continue
        count += 1
        yield Item(
            id=people.id_of("item", section.id, work.category, work.titles[0], count),
            title=_title(work, count),
            section=section,
            category=work.category,
            term=year.term_of(due),
            assigned=max(assigned, year.start),
            due=due,
            out_of=work.out_of,
            work=work,
        )


def _title(work: Work, count: int) -> str:
    last = work.titles[-1]
    template = (
        work.titles[min(count, len(work.titles)) - 1] if "{n}" in last else work.titles[(count - 1) % len(work.titles)]
    )
    return template.format(n=count)


def _mark_all(book: Gradebook, item: Item, as_of: date) -> None:
    """Each item has its own dice, so that what was scored stays as it is on the evenings after."""
    random = Random(item.id)  # noqa: S311  made-up scores, no secrets
    graded = item.due + timedelta(days=random.randint(1, 5))
    for student in book.section.students:
        mark = _mark(item, _Luck.of(random, student), graded, as_of)
        if mark:
            book.marks[item.id, student.id] = mark


@dataclass(frozen=True, slots=True)
class _Luck:
    """Drawn for each student alike, whatever becomes of it."""

    is_handed_in: bool
    chance: float
    share: float
    has_extra: bool
    comment: str

    @classmethod
    def of(cls, random: Random, student: Student) -> "_Luck":
        return cls(
            is_handed_in=random.random() < student.care,
            chance=random.random(),
            share=random.gauss(student.ability, 0.09),
            has_extra=random.random() < 0.02,
            comment=random.choice(COMMENTS),
        )


def _mark(item: Item, luck: _Luck, graded: date, as_of: date) -> Mark | None:
    chance = luck.chance
    if item.due >= as_of:
        return Mark("submitted", item.assigned) if luck.is_handed_in and chance < 0.08 else None
    if graded >= as_of:
        return Mark("submitted" if luck.is_handed_in else "not submitted", item.due)
    if not luck.is_handed_in:
        return Mark("fully graded", graded, 0.0) if chance < 0.25 else Mark("not submitted", graded, flags=("missing",))
    if chance < 0.015:
        return Mark("exempt", graded)
    mark = _scored(item, luck, graded)
    if chance < 0.05:
        mark.flags = ("late",)
    elif chance < 0.056:
        mark.status, mark.flags = "partially graded", ("incomplete",)
    if chance > 0.97:
        mark.comment = luck.comment
    return mark


def _scored(item: Item, luck: _Luck, graded: date) -> Mark:
    assert item.work
    if item.work.is_text:
        return Mark("fully graded", graded, text="Complete" if luck.share > 0.6 else "Incomplete")
    if item.section.subject and item.section.subject.is_standards:
        level = max(1, min(4, round(luck.share * 4 - 0.1)))
        return Mark("fully graded", graded, float(level), standard_of(level))
    most = 1.1 if luck.has_extra else 1.0  # a few have extra credit
    return Mark("fully graded", graded, float(round(max(0.0, min(luck.share, most)) * item.out_of)))


def _grade_item(people: People, section: Section, term: TermDates) -> Item:
    is_standards = bool(section.subject and section.subject.is_standards)
    return Item(
        id=people.id_of("grade", section.id, term.key),
        title=f"{term.title} grade",
        section=section,
        category=TERM_GRADE,
        term=term,
        assigned=term.start,
        due=term.end - timedelta(days=1),
        out_of=STANDARDS[0][0] if is_standards else 100,
        work=None,
    )


def _grade(book: Gradebook, student: Student, term: TermDates, as_of: date) -> Mark | None:
    share = _weighted_share(book, student, term)
    if share is None:
        return None
    is_over = term.end <= as_of
    scored = min(term.end, as_of) - timedelta(days=1)
    mark = Mark("fully graded" if is_over else "partially graded", scored, flags=() if is_over else ("inProgress",))
    if book.section.subject and book.section.subject.is_standards:
        mark.score = floor(share * 40) / 10
        mark.text = standard_of(mark.score)
    else:
        mark.score = floor(share * 1000) / 10
        mark.text = letter_of(mark.score)
    return mark


def _weighted_share(book: Gradebook, student: Student, term: TermDates) -> float | None:
    shares: dict[str, list[float]] = defaultdict(list)
    for item in book.items:
        mark = book.marks.get((item.id, student.id))
        if item.work and item.term == term and mark and mark.counts and mark.score is not None:
            shares[item.category].append(mark.score / item.out_of)
    weights = {category: WEIGHTS[category] or 0.0 for category in shares}
    total = sum(weights.values())
    if not total:
        return None
    return sum(sum(shares[name]) / len(shares[name]) * weight for name, weight in weights.items()) / total
