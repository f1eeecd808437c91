"""Expected answers of record pages after each view. The rows follow from the students, the kinds of data and the class that the view opened.

Written from THREATS (2, 3) and decisions 0003, 0006, 0009, 0030 and 0031. Without a view, a request reads only the names and places of one's own children.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.house.expected_views import FAMILY, TUTORED, View
from tests.house.notation import Rows, names

SEATS = {
    "nina": "algebra english",
    "max": "algebra english",
    "kai": "english",
    "leo": "reading",
    "ned": "science",
    "sia": "science",
    "ivy": "science",
    "hal": "",
}
WORK = ("quiz", "grade")  # in each class except Art 7, which has not begun
ABOUT_A_RECORD = {"grades", "attendance", "contacts", "birth date", "ledger"}
OTHERS = ("nina", "leo", "kai")
OWN = FAMILY | {role: students for role, (students, _kind) in TUTORED.items()}


@dataclass(frozen=True)
class Record:
    """`opens` returns the names of the rows that a view opens. `after` has the acts after whose views it is asked. An empty one means all.

    `always` maps roles to rows that come without a view and with every view. {who}, {uuids} and {numbers} are the students of the view and OTHERS, whom it
    doesn't open.
    """

    call: str
    key: str
    opens: Callable[[View], set[str]]
    left_out: str = ""
    always: Rows | None = None
    after: tuple[str, ...] = ()


def students(view: View) -> set[str]:
    """Returns the students of a view, in addition to one's own children. A list of names or a change set opens no record."""
    return set(view.seen) if view.has & ABOUT_A_RECORD else set()


def page(view: View) -> set[str]:
    return students(view) | set(OWN.get(view.role, "").split())


def of_kind(kind: str, view: View) -> list[str]:
    """Returns students for whom the view opened everything of this kind, and not the work of one class."""
    return [] if view.of_class or kind not in view.has else view.seen


def seats(view: View) -> set[str]:
    """Returns classes that have begun. Staff of the school also see next term's."""
    found = {f"{class_}/{student}" for student in of_kind("grades", view) for class_ in SEATS[student].split()}
    return found | ({"art/nina"} if view.role == "pat/staff" and "nina" in of_kind("grades", view) else set())


def scores(view: View) -> set[str]:
    return {
        f"{class_}_{work}/{student}"
        for student in of_kind("grades", view)
        for class_ in SEATS[student].split()
        for work in WORK
    }


def marks(view: View) -> set[str]:
    return set(of_kind("attendance", view))


def kinds_opened(view: View) -> set[str]:
    return set() if view.of_class else view.has & {"grades", "attendance", "ledger"}


def class_opened(view: View) -> set[str]:
    return {view.subject} if view.act == "gradebook" else set()


def class_students(view: View) -> set[str]:
    return set(view.seen) if view.act == "gradebook" else set()


def class_names(view: View) -> set[str]:
    """Returns students' names for a view of a class, without those who dropped it. A substitute sees only names."""
    return {name for name in view.seen if name != "hal"} if view.of_class else set()


def class_work(view: View) -> set[str]:
    return {f"{view.subject}_{work}" for work in WORK} if view.act == "gradebook" and view.subject != "art" else set()


def class_scores(view: View) -> set[str]:
    return {f"{work}/{student}" for work in class_work(view) for student in view.seen}


def lines(view: View) -> set[str]:
    """Returns Nina's entries of two days ago, without the hidden one. A confidential adult has no name, except to that adult."""
    zoe = "family/Zoe_Bell" if view.role == "zoe/family" else "family/-"
    return (
        {"teacher/Bo_Larsen", "family/Tia_Bright", "family/Ana_Ruiz", zoe}
        if "ledger" in view.has and "nina" in view.seen
        else set()
    )


# Everyone who can see each student today, and adults whose access is off now. Administrators are counted and not named. A confidential adult has no name,
# except to that adult. Support is there because of its grant.
OFFICE = "administrator/-"
SCHOOL = f"school/[Pat_Quill Rosa_Lim Ruth_Cole] {OFFICE}"
CAN_SEE = {
    "nina": f"family/[Ana_Ruiz Jo_Castillo Oz_Finch] family/- tutor/Tia_Bright student/Nina_Ruiz teacher/[Bo_Larsen Dana_Okafor] {SCHOOL} support/-",
    "max": f"family/[Dee_Moss Gus_Moss] student/Max_Moss teacher/[Bo_Larsen Dana_Okafor] {SCHOOL}",
    "kai": f"family/[Dana_Okafor Ada_Frost Oz_Finch] teacher/Dana_Okafor {SCHOOL} support/-",
    "leo": f"family/Ana_Ruiz tutor/Uma_Gray student/Leo_Ruiz teacher/Rosa_Lim school/Cam_Doyle {OFFICE}",
    "ned": f"family/Ora_Park tutor/Tia_Bright student/Ned_Park teacher/Ted_Shaw {SCHOOL}",
    "sia": f"family/Ora_Park {SCHOOL}",
    "ivy": f"family/[Pia_Ross Ora_Park] student/Ivy_Park teacher/Ted_Shaw {SCHOOL}",
    "hal": f"family/Ora_Park teacher/Ted_Shaw {OFFICE}",
}


def can_see(view: View) -> set[str]:
    hidden = "family/Zoe_Bell" if view.role == "zoe/family" else "family/-"
    seen = [(student, name) for student in view.seen if "ledger" in view.has for name in names(CAN_SEE[student])]
    return {f"{student}/{hidden if name == 'family/-' else name}" for student, name in seen}


# What is kept about each student, apart from what other pages show. A contact is kept only for the adult whom it is about.
KEPT = {"leo": "consent/1", **dict.fromkeys(("kai", "max", "ivy"), "at_18/1"),
        "ned": "statement/2 opt-out/1 signed_consent/2"}  # and more that every student has
ON_FILE = ("ana/family", "dee/family", "zoe/family", "ora/family")  # adults who are a contact of the child. One file had them twice


def kept(view: View) -> set[str]:
    """Returns kinds and how many things of each are kept. Next term's class is not among them."""
    if view.act not in ("everything kept", "everything download"):
        return set()
    (student,) = view.seen
    kinds = ["name/1", "birth_date/1", "details/1", "school/1", f"class/{len(SEATS[student].split())}", *KEPT.get(student, "").split()]
    own = (["contact/2"] if view.role in ON_FILE else []) + {"dana/family": ["correction/1"], "ora/family": ["correction/5"]}.get(view.role, [])
    return {f"{student}/{kind}" for kind in [*kinds, *own]}


RECORDS = {
    "students_shown": Record(
        "SELECT s.name AS student, w.* FROM students_shown({uuids}, '-infinity') w JOIN {everybody} ON s.id = w.id",
        "student",
        page,
        "id last_at",
        OWN,
    ),
    "child_shown": Record(
        "SELECT s.name AS student, w.* FROM {who}, child_shown(s.uuid, '-infinity', timezone('PST8PDT', now())::date, '-infinity') w",
        "student",
        page,
        "id last_at",
    ),
    "seats_shown": Record(
        "SELECT c.name AS class, s.name AS student, w.* FROM seats_shown({numbers}, timezone('PST8PDT', now())::date) w JOIN {classes} ON c.id ="
        " w.section_id JOIN {everybody} ON s.id = w.student_id",
        "class student",
        seats,
        "student_id section_id",
    ),
    "work_shown": Record(
        "SELECT lower(w.title) AS work, s.name AS student, w.* FROM {who}, work_shown(s.uuid, timezone('PST8PDT', now())::date, '-infinity') w",
        "work student",
        scores,
        "section_id line_item_id delivery_id changed_by",
    ),
    "scores_shown": Record(
        "SELECT lower(w.title) AS work, s.name AS student, w.* FROM scores_shown({numbers}, {all_classes}, 0, '-infinity', NULL, NULL) w JOIN"
        " {everybody} ON s.id = w.student_id",
        "work student",
        scores,
        "student_id section_id line_item_id delivery_id changed_by",
    ),
    "earlier_seats_shown": Record(
        "SELECT c.name AS class, s.name AS student, w.* FROM {who}, "
        "earlier_seats_shown(s.id, timezone('PST8PDT', now())::date) w JOIN {classes} ON c.id = w.section_id",
        "class student",
        seats,
        "section_id",
    ),
    "earlier_work_shown": Record(
        "SELECT lower(w.title) AS work, s.name AS student, w.* FROM {who},"
        " earlier_work_shown(s.id, {all_classes}, ARRAY[NULL, NULL, NULL, NULL, NULL]::timestamptz[]) w",
        "work student",
        scores,
        "section_id line_item_id delivery_id changed_by",
    ),
    "marks_shown": Record(
        "SELECT s.name AS student, w.* FROM marks_shown({numbers}, '-infinity', 'infinity') w JOIN {everybody} ON s.id = w.student_id",
        "student",
        marks,
        "student_id",
    ),
    "students_of_school_shown": Record(
        "SELECT * FROM students_of_school_shown()", "uuid", lambda view: set(view.seen) if view.act == "students" else set(), "opened_at"
    ),
    "kinds_shown": Record("SELECT * FROM (SELECT unnest(kinds_shown()) AS kind) k", "kind", kinds_opened),
    "absences_shown": Record("SELECT * FROM absences_shown(NULL, '')", "uuid", lambda view: set(view.seen) if view.act == "absences" else set()),
    "first_mark_shown": Record(
        "SELECT * FROM (SELECT s.name AS student, first_mark_shown(s.id) AS day FROM {who} OFFSET 0) d WHERE d.day IS NOT NULL",
        "student",
        marks,
    ),
    "class_shown": Record(
        "SELECT c.name AS class, w.* FROM class_shown() w JOIN {classes} ON c.id = w.id", "class", class_opened, "id"
    ),
    "class_students_shown": Record(
        "SELECT s.name AS student, w.* FROM class_students_shown(timezone('PST8PDT', now())::date) w JOIN {everybody} ON s.id = w.id",
        "student",
        class_students,
        "id left_at",
    ),
    "class_names_shown": Record(
        "SELECT lower(w.given_name) AS student, w.* FROM class_names_shown() w", "student", class_names
    ),
    "class_work_shown": Record(
        "SELECT lower(w.title) AS work, w.* FROM class_work_shown() w", "work", class_work, "section_id line_item_id"
    ),
    "class_results_shown": Record(
        "SELECT (SELECT lower(i.title) FROM class_work_shown() i WHERE i.line_item_id = w.line_item_id) AS work, s.name AS student, w.*"
        " FROM class_results_shown(timezone('PST8PDT', now())::date) w JOIN {everybody} ON s.id = w.student_id",
        "work student",
        class_scores,
        "student_id line_item_id",
    ),
    "ledger_of": Record(
        "SELECT w.* FROM ledger_of('{nina}', now() - interval '4 days', now() - interval '1 day') w",
        "capacity name",
        lines,
        "entry_id at",
    ),
    "who_can_see": Record(
        "SELECT s.name AS student, w.* FROM {who}, who_can_see(s.uuid) w",
        "student part name",
        can_see,
        "last_on approved_on last_day until",
        after=("who can see", "gradebook", "adults"),
    ),
    "everything_shown": Record(
        "SELECT s.name AS student, w.kind, count(*) AS many FROM {who}, everything_shown(s.uuid) w GROUP BY 1, 2",
        "student kind many",
        kept,
        after=("everything kept", "everything download", "who has looked", "child", "gradebook"),
    ),
}
