"""Random families, schools and days, and in ten lines who may read what about whom. The lines are written from the promise, not from the SQL."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
from hypothesis import strategies as st

KINDS = ("parent", "guardian", "caregiver by affidavit", "foster caregiver", "foster agency", "caseworker", "education-rights holder", "conservator", "tutor")
ENDS_AT_18 = KINDS[:3]
DATA = ("grades", "attendance")
STATES = ("requested", "approved", "under challenge", "suspended", "ended")
ADULTS, STUDENTS, SCHOOLS = range(4), range(3), range(2)
type Fact = tuple[str, int, int]  # kind of data, student, class (-1 for attendance)


@dataclass(frozen=True, slots=True)
class Days:
    """From a day until before another, counted from today. None means no end."""

    start: int
    end: int | None

    def has_today(self) -> bool:
        return self.start <= 0 and (self.end is None or self.end > 0)


@dataclass(frozen=True, slots=True)
class Tied:
    adult: int
    student: int
    kind: str
    state: str
    days: Days
    views: tuple[str, ...]
    is_confidential: bool
    has_rights: bool  # to consent, to correct, to challenge. None of them opens a record


@dataclass(frozen=True, slots=True)
class Barred:
    """`who` is an adult's number."""

    who: int
    student: int
    days: Days


@dataclass(frozen=True, slots=True)
class Duty:
    who: int
    school: int
    duty: str
    days: Days


@dataclass(frozen=True, slots=True)
class Teaching:
    """Each school has one class with all its students."""

    who: int
    school: int
    days: Days


@dataclass
class World:
    """`school_of` and the flags are by student's number. An adult may be parent, teacher and principal. `weak` has adults who signed in as family without a
    second factor.
    """

    school_of: tuple[int, ...]
    is_of_age: tuple[bool, ...]
    is_dependent: tuple[bool, ...]
    ties: list[Tied]
    bars: list[Barred]
    duties: list[Duty]
    teaching: list[Teaching]
    weak: frozenset[int]
    left: tuple[int, int, int] = (0, 0, 0)  # days since each student left the district, 0 if they are here
    has_no_parent_accounts: tuple[bool, bool, bool] = (False, False, False)
    ids: dict[str, int] = field(default_factory=dict)
    uuids: dict[str, UUID] = field(default_factory=dict)

    def id(self, what: str, number: int) -> int:
        return self.ids[f"{what}{number}"]

    def uuid(self, what: str, number: int) -> UUID:
        return self.uuids[f"{what}{number}"]


def may_read(world: World, who: int, side: str) -> set[Fact]:
    """Returns all that this adult may read today in this role. Each tie or duty counts by itself, and a restriction outweighs them all."""
    open_to = set()
    for tie in world.ties if side == "family" else ():
        is_over = tie.kind in ENDS_AT_18 and world.is_of_age[tie.student] and not world.is_dependent[tie.student]
        is_over = is_over or (tie.kind == "tutor" and (who in world.weak or world.left[tie.student] > 0))  # only while the student is here
        is_over = is_over or (tie.kind in ENDS_AT_18 and world.has_no_parent_accounts[tie.student])
        is_over = is_over or is_closed(world, tie.student)
        if tie.adult == who and tie.state in ("approved", "under challenge") and tie.days.has_today() and not is_over:
            open_to |= facts(world, tie.student, tie.views)
    for duty in world.duties if side == "staff" else ():
        if duty.who == who and duty.days.has_today():
            kinds = {"principal": DATA, "counselor": DATA, "attendance clerk": ("attendance",)}.get(duty.duty, ())
            here = [student for student in STUDENTS if world.school_of[student] == duty.school and not world.left[student]]
            open_to |= {fact for student in here for fact in facts(world, student, kinds)}
    for class_ in world.teaching if side == "staff" else ():
        if class_.who == who and class_.days.has_today():
            taught = [student for student in STUDENTS if not world.left[student] or class_.days.start <= -world.left[student]]
            open_to |= {("grades", student, class_.school) for student in taught if world.school_of[student] == class_.school}
    return {fact for fact in open_to if not any(bar.who == who and bar.student == fact[1] and bar.days.has_today() for bar in world.bars)}


def is_closed(world: World, student: int) -> bool:
    """Says whether the family and the student lost access: sixty days after the student left. A teacher still reads students who dropped the class."""
    return world.left[student] > 60


def facts(world: World, student: int, kinds: tuple[str, ...]) -> set[Fact]:
    return {(kind, student, world.school_of[student] if kind == "grades" else -1) for kind in kinds if kind in DATA}


ADULT, STUDENT, SCHOOL = st.sampled_from(ADULTS), st.sampled_from(STUDENTS), st.sampled_from(SCHOOLS)
BEGIN, END = st.sampled_from((-30, -1, 0, 1)), st.sampled_from((None, None, -1, 0, 1, 30))
DAYS = st.builds(Days, BEGIN, END).filter(lambda days: days.end is None or days.end > days.start)
VIEWS = st.lists(st.sampled_from((*DATA, "ledger")), unique=True).map(tuple)
TIE = st.builds(Tied, ADULT, STUDENT, st.sampled_from(KINDS), st.sampled_from(STATES + ("approved",) * 3), DAYS, VIEWS, st.booleans(), st.booleans())
TIES = st.lists(TIE, max_size=8, unique_by=lambda tie: (tie.adult, tie.student))
BARS = st.lists(st.builds(Barred, ADULT, STUDENT, DAYS), max_size=3)
DUTIES = st.lists(st.builds(Duty, ADULT, SCHOOL, st.sampled_from(("principal", "counselor", "attendance clerk", "registrar")), DAYS), max_size=2)
TEACHING = st.lists(st.builds(Teaching, ADULT, SCHOOL, DAYS), max_size=3, unique_by=lambda each: (each.who, each.school))
FLAGS = st.tuples(st.booleans(), st.booleans(), st.booleans())
LEFT = st.sampled_from((0, 0, 0, 10, 59, 61))
LEAVERS = st.tuples(LEFT, LEFT, LEFT)
WORLDS = st.builds(
    World, st.tuples(SCHOOL, SCHOOL, SCHOOL), FLAGS, FLAGS, TIES, BARS, DUTIES, TEACHING, st.frozensets(ADULT), left=LEAVERS, has_no_parent_accounts=FLAGS
)


def proof(world: World, who: str, side: str) -> bytes:
    return sha256(f"{world.uuids[who]}/{side}".encode()).digest()


class Written:
    """Writes a world's rows as owner. A second world has other rows, next to the first one's."""

    def __init__(self, owner: psycopg.Connection[Any], world: World, today: date) -> None:
        self.owner, self.world, self.today = owner, world, today

    def row(self, table: str, /, **values: Any) -> Any:
        columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        return (self.owner.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING *", list(values.values())).fetchone() or (None,))[0]

    def named(self, table: str, called: str, /, **values: Any) -> int:
        uuid = self.world.uuids[called] = uuid4()
        self.world.ids[called] = int(self.row(table, uuid=uuid, sourced_id=str(uuid), **values))
        return self.world.ids[called]

    def dated(self, days: Days) -> dict[str, date | None]:
        return {"start_date": self.today + timedelta(days.start), "end_date": None if days.end is None else self.today + timedelta(days.end)}

    def all(self, spare: dict[str, int]) -> None:
        """Writes every row. `spare` has the ids of a term, a course and a category of the cast."""
        for school in SCHOOLS:
            self.named("school", f"school{school}", name="School", kind="school")
            self.named("section", f"class{school}", title="Class", kind="scheduled", course_id=spare["course"], school_id=self.world.id("school", school))
            self.row("section_term", section_id=self.world.id("class", school), term_id=spare["fall"])
        for adult in ADULTS:
            self.named("person", f"adult{adult}", given_name="Sam", family_name="Reed", grade_levels=[], is_student=False, is_staff=True)
            for side in ("family", "staff"):
                self.account(f"adult{adult}", side, is_strong=side == "staff" or adult not in self.world.weak)
        for student in STUDENTS:
            self.student(student, spare)
        for tie in self.world.ties:
            self.tie(tie)
        for bar in self.world.bars:
            self.bar(bar)
        for duty in self.world.duties:
            places = {"person_id": self.world.id("adult", duty.who), "school_id": self.world.id("school", duty.school)}
            self.row("duty", duty=duty.duty, **places, **self.dated(duty.days))
        for class_ in self.world.teaching:
            days = self.dated(class_.days)
            places = {"section_id": self.world.id("class", class_.school), "person_id": self.world.id("adult", class_.who)}
            self.row("enrollment", key=uuid4(), role="teacher", is_primary=True, begin_date=days["start_date"], end_date=days["end_date"], **places)

    def student(self, student: int, spare: dict[str, int]) -> None:
        """Writes a student with a score, a day of absence and an account. All have the same name."""
        name, number = f"student{student}", self.world.school_of[student]
        ended = datetime.now(UTC) - timedelta(self.world.left[student]) if self.world.left[student] else None
        school, class_ = self.world.id("school", number), self.world.id("class", number)
        person = self.named("person", name, given_name="Lea", family_name="Reed", grade_levels=["12"], is_student=True, is_staff=False)
        self.named("role", f"role{student}", person_id=person, school_id=school, role="student", ended_at=ended)
        self.row("enrollment", key=uuid4(), section_id=class_, person_id=person, role="student", ended_at=ended)
        item = self.row("line_item", key=uuid4(), section_id=class_, category_id=spare["homework"], term_id=spare["fall"], title="Work",
                        assign_date=self.today, due_date=self.today, score_max=10, is_grade=False)  # fmt: skip
        self.row("result", id=uuid4(), line_item_id=item, student_id=person, status=1, score=9, score_date=self.today)
        self.row("attendance_mark", id=uuid4(), student_id=person, day=self.today, status="absent", school_id=school, excuse_code="")
        self.account(name, "student", is_strong=False)
        if self.world.is_dependent[student]:
            self.row("dependence", student_id=person, basis="tax return", recorded_by_id=self.world.ids["adult0"])
        if self.world.has_no_parent_accounts[student]:
            self.row("closed_to_parents", student_id=person, basis="safety", words="Call us.", set_by_id=self.world.ids["adult0"])
        if self.world.is_of_age[student]:
            birthday = self.today - timedelta(1)
            self.row("majority", student_id=person, of_birth_date=birthday - timedelta(6575), effective_on=birthday, announced_at=birthday, applied_at=birthday)

    def account(self, name: str, side: str, *, is_strong: bool) -> None:
        person = self.world.ids[name]
        account = self.row("account", uuid=uuid4(), person_id=person, side=side, sign_in_name=f"{self.world.uuids[name]}.{side}")
        key = sha256(proof(self.world, name, side)).digest()
        lasts = {"idle_limit": timedelta(hours=12), "expires_at": self.today + timedelta(2)}
        self.row("session", key=key, account_id=account, person_id=person, side=side, is_strong=is_strong, **lasts)

    def tie(self, tie: Tied) -> None:
        rights = dict.fromkeys(("may_consent", "may_correct", "may_challenge"), tie.has_rights)
        ends = {"adult_id": self.world.id("adult", tie.adult), "student_id": self.world.id("student", tie.student)}
        said = {"kind": tie.kind, "state": tie.state, "view_kinds": list(tie.views), "is_confidential": tie.is_confidential, "proof": "in person"}
        self.row("tie", uuid=uuid4(), **ends, **rights, **said, **self.dated(tie.days))

    def bar(self, bar: Barred) -> None:
        joined = {"person_id": self.world.id("adult", bar.who), "student_id": self.world.id("student", bar.student)}
        self.row("restriction", uuid=uuid4(), basis="court order", **joined, **self.dated(bar.days))
