"""The rows of grades and attendance: categories, line items, results, score scales and attendance marks."""

from collections.abc import Iterable

from homeroom.ops.demo.madeup.calendar import SchoolYear
from homeroom.ops.demo.madeup.curriculum import LETTERS, STANDARDS, WEIGHTS
from homeroom.ops.demo.madeup.gradebook import Gradebook, Item, Mark
from homeroom.ops.demo.madeup.marks import Presence
from homeroom.ops.demo.madeup.people import People
from homeroom.ops.demo.madeup.roster_rows import DISTRICT, session_id
from homeroom.ops.demo.madeup.sheets import Sheets

LETTER_SCALE, STANDARD_SCALE = "letters", "standards"


def add_grading(sheets: Sheets) -> None:
    for title, weight in WEIGHTS.items():
        sheets["categories"].add(sourcedId=category_id(title), title=title, weight="" if weight is None else weight)
    letters, top = [], 100
    for letter, least in LETTERS:
        letters.append(f"{{{letter}:{least}-{top}}}")
        top = least - 1
    standards = [f"{{{word}:{level}}}" for level, word in STANDARDS]
    for scale_id, title, pairs in ((LETTER_SCALE, "Letter grades", letters), (STANDARD_SCALE, "Standards", standards)):
        sheets["scoreScales"].add(
            sourcedId=scale_id, title=title, type=title, orgSourcedId=DISTRICT, scoreScaleValue=",".join(pairs)
        )


def add_book(sheets: Sheets, people: People, book: Gradebook, year: SchoolYear) -> None:
    by_id = {item.id: item for item in book.items}
    for item in book.items:
        _add_item(sheets, people, item, year)
    for (item_id, student_id), mark in book.marks.items():
        _add_mark(sheets, people, by_id[item_id], student_id, mark)


def add_attendance(sheets: Sheets, marks: Iterable[Presence]) -> None:
    attendance = sheets["attendance"]
    for mark in marks:
        attendance.add(
            Student_id=mark.student.id,
            School_id=mark.student.school.code,
            Section_id=mark.section.id if mark.section else "",
            Attendance_date=mark.day,
            Attendance_type="section" if mark.section else "daily",
            Attendance_status=mark.status,
            Excuse_code=mark.excuse,
        )


def category_id(title: str) -> str:
    return title.lower().replace(" ", "-")


def _add_item(sheets: Sheets, people: People, item: Item, year: SchoolYear) -> None:
    sheets["lineItems"].add(
        sourcedId=item.id,
        title=item.title,
        assignDate=item.assigned,
        dueDate=item.due,
        classSourcedId=item.section.id,
        categorySourcedId=category_id(item.category),
        academicSessionSourcedId=session_id(year, item.term),
        resultValueMin=0,
        resultValueMax=item.out_of,
        schoolSourcedId=item.section.school.code,
    )
    subject = item.section.subject
    is_standards = subject is not None and subject.is_standards
    if is_standards or item.work is None:
        sheets["lineItemScoreScales"].add(
            sourcedId=people.id_of("scale", item.id),
            title="Scale",
            lineItemSourcedId=item.id,
            scoreScaleSourcedId=STANDARD_SCALE if is_standards else LETTER_SCALE,
        )


def _add_mark(sheets: Sheets, people: People, item: Item, student_id: str, mark: Mark) -> None:
    sheets["results"].add(
        sourcedId=people.id_of("result", item.id, student_id),
        lineItemSourcedId=item.id,
        studentSourcedId=student_id,
        scoreStatus=mark.status,
        score="" if mark.score is None else f"{mark.score:g}",
        scoreDate=mark.scored,
        comment=mark.comment,
        textScore=mark.text,
        classSourcedId="" if item.work else item.section.id,
        **dict.fromkeys(mark.flags, "true"),
    )
