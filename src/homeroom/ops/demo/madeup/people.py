"""Made-up students with their families, and staff. The same seed makes the same people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid5

from homeroom.ops.demo.madeup import names
from homeroom.ops.demo.madeup.shape import FamilyShape, SchoolShape, Shape

SPACE = UUID("5f0d3c1e-7a52-4c0b-9d27-3f7f7f6b1c55")


@dataclass(slots=True)
class Adult:
    id: str
    given: str
    family: str
    kind: str  # parent, guardian, relative
    email: str
    phone: str


@dataclass(slots=True)
class Neighbour:
    """A contact who is in no other file."""

    name: str
    relation: str
    phone: str


@dataclass(slots=True)
class Student:
    """`ability` is the share of points this student mostly gets; `care` the share of work handed in."""

    id: str
    given: str
    family: str
    school: SchoolShape
    grade: int
    birth: date
    sex: str
    adults: list[Adult]
    neighbours: list[Neighbour]
    ability: float
    care: float

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(slots=True)
class Staff:
    id: str
    given: str
    family: str
    email: str
    role: str
    school: str


class People:
    """Draws people one after another. `random` is this drawer's own, so that other parts may change beside it."""

    def __init__(self, shape: Shape, seed: int, autumn: int) -> None:
        """`autumn` is the year in which the school year's ages are counted, on the first of September."""
        self.shape = shape
        self.random = Random(f"{seed}/people/{shape.slug}")  # noqa: S311  made-up names, no secrets
        self._seed = seed
        self._autumn = autumn
        self._taken: Counter[str] = Counter()
        self._named_adults: dict[str, Adult] = {}
        self.students: list[Student] = []
        self.adults: list[Adult] = []
        self.staff: list[Staff] = []

    def id_of(self, *parts: object) -> str:
        return str(uuid5(SPACE, "/".join(map(str, (self._seed, self.shape.slug, *parts)))))

    def draw_families(self) -> None:
        """The families that must exist first, then others until each grade of each school is full."""
        open_seats = _seats(self.shape)
        for family in self.shape.families:
            self._add_named(family, open_seats)
        while seats := [seat for seat, left in open_seats.items() if left > 0]:
            chosen = self.random.sample(seats, min(len(seats), self.random.choice((1, 1, 1, 2, 2, 3))))
            family_name = self._family_name()
            adults = [self._adult(self.random.choice(names.ADULTS), name) for name in self._adult_names(family_name)]
            for seat in chosen:
                open_seats[seat] -= 1
                sex = self.random.choice(("female", "male"))
                given = self.random.choice(names.GIRLS if sex == "female" else names.BOYS)
                self._student(given, family_name, seat, adults, sex)

    def add_staff(self, name: str, role: str, school: str) -> Staff:
        """Somebody named who is a mother or father here too stays one person with two roles."""
        given, _, family = name.partition(" ")
        email = f"{self._handle(given, family)}@{self.shape.slug}.example"
        parent = self._named_adults.get(name)
        staff_id = parent.id if parent else self.id_of("staff", role, name, school)
        staff = Staff(staff_id, given, family, email, role, school)
        self.staff.append(staff)
        return staff

    def new_name(self) -> str:
        return f"{self.random.choice(names.ADULTS)} {self.random.choice(names.FAMILIES)}"

    def phone(self) -> str:
        """In the block that is kept for made-up numbers."""
        return f"(555) 01{self.random.randrange(10)}-{self.random.randrange(10000):04}"

    def _add_named(self, family: FamilyShape, open_seats: dict[tuple[SchoolShape, int], int]) -> None:
        adults = [self._adult(*name.split(" ", 1)) for name in family.adults]
        for adult in adults:
            adult.kind = "parent"
            self._named_adults[f"{adult.given} {adult.family}"] = adult
        for name, grade in family.children:
            seat = next(seat for seat in open_seats if seat[1] == grade)
            open_seats[seat] -= 1
            given, _, surname = name.partition(" ")
            student = self._student(given, surname, seat, adults, "male" if given in ("Leo", "Max") else "female")
            student.ability, student.care = 0.88, 1.0

    def _student(
        self, given: str, family: str, seat: tuple[SchoolShape, int], adults: list[Adult], sex: str
    ) -> Student:
        school, grade = seat
        oldest = date(self._autumn - 6 - grade, 9, 2)
        student = Student(
            id=self.id_of("student", len(self.students)),
            given=given,
            family=family,
            school=school,
            grade=grade,
            birth=oldest + timedelta(days=self.random.randrange(365)),
            sex=sex,
            adults=adults,
            neighbours=self._neighbours(),
            ability=min(0.99, max(0.45, self.random.gauss(0.84, 0.1))),
            care=min(1.0, max(0.6, self.random.gauss(0.96, 0.06))),
        )
        self.students.append(student)
        return student

    def _adult(self, given: str, family: str) -> Adult:
        kind = self.random.choices(("parent", "guardian", "relative"), (90, 7, 3))[0]
        email = f"{self._handle(given, family)}@mail.example"
        adult = Adult(self.id_of("adult", len(self.adults)), given, family, kind, email, self.phone())
        self.adults.append(adult)
        return adult

    def _adult_names(self, family: str) -> Iterator[str]:
        """One adult or two, and now and then with another name than the children."""
        for _ in range(self.random.choices((1, 2, 3), (25, 70, 5))[0]):
            yield family if self.random.random() < 0.8 else self.random.choice(names.FAMILIES)

    def _family_name(self) -> str:
        first = self.random.choice(names.FAMILIES)
        return f"{first} {self.random.choice(names.FAMILIES)}" if self.random.random() < 0.15 else first

    def _neighbours(self) -> list[Neighbour]:
        return [
            Neighbour(self.new_name(), self.random.choice(names.RELATIONS), self.phone())
            for _ in range(self.random.choices((0, 1, 2), (40, 45, 15))[0])
        ]

    def _handle(self, given: str, family: str) -> str:
        plain = f"{given}.{family}".lower().translate(PLAIN)
        handle = "".join(letter for letter in plain if letter.isascii() and (letter.isalnum() or letter == "."))
        self._taken[handle] += 1
        return handle if self._taken[handle] == 1 else f"{handle}{self._taken[handle]}"


PLAIN = str.maketrans("áéíóúñüöøëàèçãêýỳễ", "aeiounuooeaecaeyye")


def _seats(shape: Shape) -> dict[tuple[SchoolShape, int], int]:
    """How many students each grade of each school takes; the first grades take what does not divide evenly."""
    seats = {}
    for school in shape.schools:
        each, left = divmod(school.students, len(school.grades))
        for place, grade in enumerate(school.grades):
            seats[school, grade] = each + (place < left)
    return seats
