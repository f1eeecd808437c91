"""Large made-up districts for measurements: the rows of a seed, the same in another order, or with some changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from homeroom.formats.oneroster import TABLES
from homeroom.ops.demo.madeup import names
from homeroom.ops.demo.madeup.calendar import SchoolYear, school_year
from homeroom.ops.demo.madeup.sheets import FAST, manifest, member
from homeroom.ops.demo.madeup.wide import Cells, Draw, Numbers, csv_blocks, draw, uuids, words

STUDENTS_A_SCHOOL = 1000
CLASSES_A_TEACHER = 5
MOST = 20  # points
SCORES = words([str(score) for score in range(MOST + 1)])
type Columns = Callable[[Numbers], Mapping[str, Cells]]

STUDENT, TEACHER, SECTION, ITEM, RESULT, SEAT, CHANCE, CHANGE = range(1, 9)  # seeds of each kind of row


@dataclass(frozen=True, slots=True)
class Size:
    """Enrollments are of students; each class has its teacher besides. Results: at most items × seats a class."""

    students: int
    classes: int
    enrollments: int
    line_items: int
    results: int

    @property
    def seats(self) -> int:
        return self.enrollments // self.classes

    @property
    def teachers(self) -> int:
        return -(-self.classes // CLASSES_A_TEACHER)

    @property
    def schools(self) -> int:
        return -(-self.students // STUDENTS_A_SCHOOL)


DISTRICT = Size(50_000, 12_500, 350_000, 250_000, 7_000_000)
SMALL = Size(2_000, 500, 14_000, 10_000, 280_000)
ROSTER = Size(10_000, 2_400, 60_000, 0, 0)


def bench_district(
    out: Path, size: Size, seed: int, as_of: date, *, order: int = 0, changed: float = 0.0, middle_name: str = ""
) -> dict[str, int]:
    """Writes a OneRoster 1.2 ZIP; tells the rows of each file, and as "changed" the results with another score.

    `order`: another number shuffles the rows of every large file. `changed`: the share of results with another score.
    `middle_name`: everybody's.
    """
    maker = _Maker(size, seed, school_year(as_of), changed, middle_name=middle_name)
    files = maker.files()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=FAST) as package:
        package.writestr(member("manifest.csv"), manifest(files))
        for stem, (count, columns) in files.items():
            numbers = np.arange(count, dtype=np.int64)
            if order:
                np.random.default_rng([seed, order]).shuffle(numbers)
            _write(package, stem, csv_blocks(TABLES[stem].names, numbers, columns))
    return {stem: count for stem, (count, _) in files.items()} | {"changed": maker.changed_results()}


def bench_delta(out: Path, size: Size, seed: int, as_of: date, *, changed: float) -> int:
    """Writes the changed results alone, as a delta, each with a score that no night above gave it; how many."""
    maker = _Maker(size, seed, school_year(as_of), changed, by=2)
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=FAST) as package:
        package.writestr(member("manifest.csv"), manifest(["results"], mode="delta"))
        numbers = maker.numbers_of_changed()
        _write(package, "results", csv_blocks(TABLES["results"].names, numbers, maker.changes))
    return len(numbers)


def _write(package: ZipFile, stem: str, blocks: Iterable[bytes]) -> None:
    with package.open(f"{stem}.csv", "w", force_zip64=True) as file:  # by name: its time is then a fixed one
        for block in blocks:
            file.write(block)


class _Maker:
    """The cells of each file as functions of row numbers."""

    def __init__(self, size: Size, seed: int, year: SchoolYear, changed: float, by: int = 1, middle_name: str = "") -> None:
        self._size = size
        self._seed = seed * 16
        self._year = year
        self._changed = round(changed * 2**32)
        self._by = by
        self._middle_name = middle_name
        self._schools = words([f"S{number}" for number in range(size.schools)])
        self._days = words([str(day) for day in year.days])

    def files(self) -> dict[str, tuple[int, Columns]]:
        size = self._size
        people = size.students + size.teachers
        files: dict[str, tuple[int, Columns]] = {
            "orgs": (size.schools + 1, self._orgs),
            "academicSessions": (2, self._sessions),
            "courses": (1, self._courses),
            "classes": (size.classes, self._classes),
            "users": (people, self._users),
            "roles": (people, self._roles),
            "demographics": (size.students, self._demographics),
            "enrollments": (size.classes * (size.seats + 1), self._enrollments),
        }
        if size.line_items:
            files |= {"categories": (3, self._categories), "lineItems": (size.line_items, self._line_items)}
            files |= {"results": (size.results, self._results)}
        return files

    def changed_results(self) -> int:
        return len(self.numbers_of_changed())

    def numbers_of_changed(self) -> Numbers:
        step, count = 1_000_000, self._size.results
        some = (np.arange(start, min(count, start + step), dtype=np.int64) for start in range(0, count, step))
        return np.concatenate([np.empty(0, np.int64), *(rows[self._is_changed(rows)] for rows in some)])

    def changes(self, rows: Numbers) -> dict[str, Cells]:
        said = {"status": words(["active"]), "dateLastModified": words([f"{self._year.start}T08:00:00.000Z"])}
        return self._results(rows) | {name: cells[rows * 0] for name, cells in said.items()}

    def _is_changed(self, rows: Numbers) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return (self._draw(rows, CHANGE) >> np.uint64(32)) < np.uint64(self._changed)

    def _draw(self, rows: Numbers, kind: int) -> Draw:
        return draw(rows, self._seed + kind)

    def _ids(self, rows: Numbers, kind: int) -> Cells:
        return uuids(rows, self._seed + kind)

    def _student_of(self, sections: Numbers, seats: Numbers) -> Numbers:
        """Seats go round all students, so that nobody sits twice in one class."""
        return (sections * self._size.seats + seats) % self._size.students

    def _school_of(self, students: Numbers) -> Cells:
        return self._schools[students * self._size.schools // self._size.students]

    def _section_school(self, sections: Numbers) -> Cells:
        return self._school_of(self._student_of(sections, np.zeros_like(sections)))

    def _orgs(self, rows: Numbers) -> dict[str, Cells]:
        count = self._size.schools
        return {
            "sourcedId": words([*(f"S{number}" for number in range(count)), "D"])[rows],
            "name": words([*(f"School {number}" for number in range(count)), "Bench Unified"])[rows],
            "type": words(["school", "district"])[(rows == count).astype(np.int64)],
            "parentSourcedId": words(["D", ""])[(rows == count).astype(np.int64)],
        }

    def _sessions(self, rows: Numbers) -> dict[str, Cells]:
        year = self._year
        return {
            "sourcedId": words(["Y", "T"])[rows],
            "title": words(["Whole year", "Term"])[rows],
            "type": words(["schoolYear", "term"])[rows],
            "startDate": words([str(year.start)])[rows * 0],
            "endDate": words([str(year.end)])[rows * 0],
            "parentSourcedId": words(["", "Y"])[rows],
            "schoolYear": words([str(year.ends_in)])[rows * 0],
        }

    def _courses(self, rows: Numbers) -> dict[str, Cells]:
        return {
            "sourcedId": words(["C"])[rows],
            "title": words(["Course"])[rows],
            "orgSourcedId": words(["D"])[rows],
        }

    def _classes(self, rows: Numbers) -> dict[str, Cells]:
        return {
            "sourcedId": self._ids(rows, SECTION),
            "title": words([f"{subject} {level}" for subject in ("Art", "Math", "English") for level in range(1, 9)])[
                rows % 24
            ],
            "courseSourcedId": words(["C"])[rows * 0],
            "classType": words(["scheduled"])[rows * 0],
            "schoolSourcedId": self._section_school(rows),
            "termSourcedIds": words(["T"])[rows * 0],
            "periods": words([str(period) for period in range(1, 8)])[rows % 7],
        }

    def _person(self, rows: Numbers) -> Cells:
        is_teacher = (rows >= self._size.students)[:, None]
        return np.where(is_teacher, self._ids(rows - self._size.students, TEACHER), self._ids(rows, STUDENT))

    def _users(self, rows: Numbers) -> dict[str, Cells]:
        chance = self._draw(rows, CHANCE)
        given, family = sorted({*names.GIRLS, *names.BOYS}), sorted(set(names.FAMILIES))
        return {
            "sourcedId": self._person(rows),
            "enabledUser": words(["true"])[rows * 0],
            "username": self._person(rows)[:, :8],
            "givenName": words(given)[(chance % np.uint64(len(given))).astype(np.int64)],
            "familyName": words(family)[(chance // np.uint64(997) % np.uint64(len(family))).astype(np.int64)],
            "middleName": words([self._middle_name])[rows * 0],
            "grades": words(["06", "07", "08", ""])[np.where(rows < self._size.students, rows % 3, 3)],
        }

    def _roles(self, rows: Numbers) -> dict[str, Cells]:
        is_teacher = (rows >= self._size.students).astype(np.int64)
        sections = np.minimum((rows - self._size.students) * CLASSES_A_TEACHER, self._size.classes - 1)
        schools = np.where(
            is_teacher[:, None] == 1,
            self._section_school(np.maximum(sections, 0)),
            self._school_of(np.minimum(rows, self._size.students - 1)),
        )
        return {
            "sourcedId": self._ids(rows, SEAT + 8),
            "userSourcedId": self._person(rows),
            "roleType": words(["primary"])[rows * 0],
            "role": words(["student", "teacher"])[is_teacher],
            "orgSourcedId": schools,
        }

    def _demographics(self, rows: Numbers) -> dict[str, Cells]:
        days = words([f"{2012 + year}-{month:02}-15" for year in range(3) for month in range(1, 13)])
        return {"sourcedId": self._ids(rows, STUDENT), "birthDate": days[rows % 36]}

    def _enrollments(self, rows: Numbers) -> dict[str, Cells]:
        size = self._size
        sections, seats = rows // (size.seats + 1), rows % (size.seats + 1)
        is_teacher = (seats == size.seats).astype(np.int64)
        student = self._student_of(sections, np.minimum(seats, size.seats - 1))
        person = np.where(is_teacher == 1, size.students + sections // CLASSES_A_TEACHER, student)
        return {
            "sourcedId": self._ids(rows, SEAT),
            "classSourcedId": self._ids(sections, SECTION),
            "schoolSourcedId": self._section_school(sections),
            "userSourcedId": self._person(person),
            "role": words(["student", "teacher"])[is_teacher],
            "primary": words(["", "true"])[is_teacher],
        }

    def _categories(self, rows: Numbers) -> dict[str, Cells]:
        return {
            "sourcedId": words(["K0", "K1", "K2"])[rows],
            "title": words(["Homework", "Quizzes", "Tests"])[rows],
            "weight": words(["20", "30", "50"])[rows],
        }

    def _section_of(self, items: Numbers) -> Numbers:
        return items * self._size.classes // self._size.line_items

    def _line_items(self, rows: Numbers) -> dict[str, Cells]:
        sections = self._section_of(rows)
        days = len(self._year.days)
        due = rows % days
        return {
            "sourcedId": self._ids(rows, ITEM),
            "title": words([f"Assignment {number}" for number in range(1, 41)])[rows % 40],
            "assignDate": self._days[np.maximum(due - 3, 0)],
            "dueDate": self._days[due],
            "classSourcedId": self._ids(sections, SECTION),
            "categorySourcedId": words(["K0", "K1", "K2"])[rows % 3],
            "academicSessionSourcedId": words(["T"])[rows * 0],
            "resultValueMin": words(["0"])[rows * 0],
            "resultValueMax": words([str(MOST)])[rows * 0],
            "schoolSourcedId": self._section_school(sections),
        }

    def _results(self, rows: Numbers) -> dict[str, Cells]:
        """Of a hundred: 3 missing, 1 exempt, 2 late."""
        size = self._size
        items, seats = rows // size.seats, rows % size.seats
        chance = self._draw(rows, CHANCE)
        of_hundred = (chance % np.uint64(100)).astype(np.int64)
        score = (chance // np.uint64(100) % np.uint64(MOST + 1)).astype(np.int64)
        is_changed = self._is_changed(rows)
        is_missing, is_exempt = (of_hundred < 3) & ~is_changed, (of_hundred == 3) & ~is_changed
        score = np.where(is_changed, (score + self._by) % (MOST + 1), score)
        has_none = (is_missing | is_exempt)[:, None]
        status = np.where(is_missing, 1, np.where(is_exempt, 2, 0))
        flag = words(["", "true"])
        return {
            "sourcedId": self._ids(rows, RESULT),
            "lineItemSourcedId": self._ids(items, ITEM),
            "studentSourcedId": self._ids(self._student_of(self._section_of(items), seats), STUDENT),
            "scoreStatus": words(["fully graded", "not submitted", "exempt"])[status],
            "score": np.where(has_none, np.uint8(0), SCORES[score]),
            "scoreDate": self._days[items % len(self._year.days)],
            "late": flag[((of_hundred == 4) | (of_hundred == 5)).astype(np.int64)],
            "missing": flag[is_missing.astype(np.int64)],
        }
