"""What is taught at each grade, what work it brings, and how it is graded. Data, made up to look like a school's."""

from dataclasses import dataclass

HOMEWORK, QUIZZES, TESTS = "Homework", "Quizzes", "Tests"
PROJECTS, PRACTICE = "Projects", "Practice"
CLASSWORK, CHECKS, TAKING_PART = "Classwork", "Checks", "Participation"
TERM_GRADE = "Term Grade"
# Percent. A class that has not all kinds counts those it has in proportion.
WEIGHTS: dict[str, float | None] = {
    HOMEWORK: 20,
    QUIZZES: 30,
    TESTS: 50,
    PROJECTS: 60,
    PRACTICE: 40,
    CLASSWORK: 60,
    CHECKS: 40,
    TAKING_PART: 50,
    TERM_GRADE: None,
}
LETTERS = (
    ("A+", 97), ("A", 93), ("A-", 90), ("B+", 87), ("B", 83), ("B-", 80), ("C+", 77),
    ("C", 73), ("C-", 70), ("D+", 67), ("D", 63), ("D-", 60), ("F", 0),
)  # fmt: skip
STANDARDS = ((4, "Exceeding"), (3, "Meeting"), (2, "Approaching"), (1, "Beginning"))


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of assignment that comes every `every` weeks on `weekday`. Titles are taken in turn; {n} counts."""

    category: str
    titles: tuple[str, ...]
    out_of: int
    every: int
    weekday: int
    is_text: bool = False  # marked Complete or Incomplete, without a number


@dataclass(frozen=True, slots=True)
class Subject:
    title: str
    code: str
    works: tuple[Work, ...]
    is_standards: bool = False


def _letters(
    homework: tuple[str, ...], quiz: tuple[str, ...], test: tuple[str, ...], out_of: int = 20
) -> tuple[Work, ...]:
    return (
        Work(HOMEWORK, homework, out_of, 1, 3),
        Work(QUIZZES, quiz, 10, 2, 4),
        Work(TESTS, test, 50, 4, 2),
    )


MATH = _letters(("Problem set {n}",), ("Quiz {n}",), ("Unit {n} test",))
ENGLISH = (
    Work(HOMEWORK, ("Reading log {n}",), 10, 1, 0),
    Work(QUIZZES, ("Vocabulary quiz {n}",), 20, 2, 4),
    Work(
        TESTS, ("Personal narrative", "Theme essay", "Poetry reading", "Argument essay", "Novel study: {n}"), 100, 4, 3
    ),
)
SCIENCE = (
    Work(HOMEWORK, ("Lab notes {n}",), 10, 1, 2),
    Work(QUIZZES, ("Check: cells", "Check: tissues", "Check: energy", "Check: ecosystems", "Check {n}"), 10, 3, 4),
    Work(TESTS, ("Cell model project", "Microscope lab", "Food web poster", "Unit {n} test"), 50, 4, 0),
)
SPANISH = _letters(
    ("Greetings", "Numbers 1 to 100", "My classroom", "Verbs in -ar", "Days and months", "Food words", "At the market",
     "My house", "Verbs in -er", "Weather report", "Clothes", "Family vocabulary", "My weekend", "Repaso {n}"),
    ("Prueba {n}",),
    ("Unidad {n}",),
    10,
)  # fmt: skip
HISTORY = _letters(
    ("Map work {n}", "Source questions {n}"),
    ("Quiz: Mesopotamia", "Quiz: Egypt", "Quiz: Athens", "Quiz: Rome", "Quiz: Maya", "Quiz {n}"),
    ("Unit {n} test",),
    15,
)
PE = (
    Work(TAKING_PART, ("Week {n}",), 5, 1, 4),
    Work(TAKING_PART, ("Fitness log {n}",), 5, 2, 2, is_text=True),
    Work(TESTS, ("Mile run", "Volleyball skills", "Team game plan", "Skills check {n}"), 20, 4, 1),
)
ART = (
    Work(PRACTICE, ("Sketchbook {n}",), 10, 1, 4),
    Work(PROJECTS, ("Self-portrait", "Clay vessel", "Linocut", "Poster", "Project {n}"), 50, 4, 3),
)


def _young(classwork: tuple[str, ...], check: tuple[str, ...]) -> tuple[Work, ...]:
    return (Work(CLASSWORK, classwork, 4, 1, 3), Work(CHECKS, check, 4, 3, 4))


YOUNG = (
    Subject("Reading", "READ", _young(("Chapter {n} response",), ("Fluency check {n}",)), True),
    Subject("Writing", "WRIT", _young(("Writing journal {n}",), ("Paragraph check {n}",)), True),
    Subject("Mathematics", "MATH", _young(("Number work {n}",), ("Math check {n}",)), True),
    Subject("Science", "SCI", _young(("Observation {n}",), ("Science check {n}",)), True),
    Subject("Social Studies", "SOC", _young(("Our community {n}",), ("Map check {n}",)), True),
)
YOUNG_PE = Subject("Physical Education", "PE", _young(("Week {n}",), ("Skills check {n}",)), True)
_MATH_OF = {6: ("Math 6", "MA6"), 7: ("Algebra 1", "ALG1"), 8: ("Geometry", "GEO")}
_TONGUE_OF = {6: ("Art 6", "ART6"), 7: ("Spanish 1", "SPA1"), 8: ("Spanish 2", "SPA2")}
_HISTORY_OF = {6: ("Ancient Civilizations", "HIS6"), 7: ("World History", "HIS7"), 8: ("U.S. History", "HIS8")}


def subjects_of(grade: int) -> tuple[Subject, ...]:
    """Six for a middle-school grade, in the order of the periods of its first group of students."""
    if grade < 6:
        return YOUNG
    return (
        Subject(f"English {grade}", f"ENG{grade}", ENGLISH),
        Subject(*_MATH_OF[grade], MATH),
        Subject(f"Science {grade}", f"SCI{grade}", SCIENCE),
        Subject(*_TONGUE_OF[grade], ART if grade == 6 else SPANISH),
        Subject(*_HISTORY_OF[grade], HISTORY),
        Subject(f"PE {grade}", f"PE{grade}", PE),
    )


def letter_of(percent: float) -> str:
    return next(letter for letter, least in LETTERS if percent >= least)


def standard_of(level: float) -> str:
    """Never rounded up: 2.9 is Approaching."""
    return next((word for least, word in STANDARDS if level >= least), STANDARDS[-1][1])
