"""Who may view what: each view that opens something, with the students, the kinds of data and the capacity that the access log keeps.

A view that doesn't follow from these tables is closed. look() answers 0, and nothing is written.
"""

import json
from dataclasses import dataclass

from tests.cast import identity

FAMILY = {  # students whose whole record they can see
    "ana/family": "nina leo",
    "dana/family": "kai",
    "ada/family": "kai",
    "dee/family": "max",
    "zoe/family": "nina",
    "ora/family": "ned",
    "pia/family": "ivy",
    "nina/student": "nina",
    "nina/card": "nina",
    "leo/student": "leo",
    "max/student": "max",
    "ned/student": "ned",
    "ivy/student": "ivy",
}
TUTORED = {"tia/family": ("nina ned", "grades"), "uma/family": ("leo", "attendance")}
CLASSES = {  # class → its students, without those in TAUGHT whom a teacher sees after they dropped it
    "algebra": "nina max",
    "english": "nina max kai",
    "reading": "leo",
    "art": "nina",
    "science": "ned sia ivy",
}
GRADEBOOKS = {
    ("bo/staff", "algebra"): "teacher",
    ("dana/staff", "english"): "teacher",
    ("ted/staff", "science"): "teacher",
    **{("pat/staff", class_): "duty: principal" for class_ in ("algebra", "english", "art", "science")},
    ("cam/staff", "reading"): "duty: counselor",
}
TAUGHT = {
    ("ted/staff", "science"): "ned ivy hal"
}  # Ted is restricted from Sia, and sees Hal, who left the class while he taught it
OF_MIDDLE = "nina max kai ned sia ivy"
DUTIES = {
    "pat/staff": (OF_MIDDLE, "grades attendance", "duty: principal"),
    "rosa/staff": (OF_MIDDLE, "attendance", "duty: attendance clerk"),
    "cam/staff": ("leo", "grades attendance", "duty: counselor"),
}
ABSENT: dict[str, dict[str, str]] = {  # lists of absences → the students, or "" for all of the duty's. Every student was absent for a day
    "pat/staff": {"": "", "middle=week||": "", "middle=||nin": "nina"},
    "rosa/staff": {"": "", "middle=week||": "", "middle=||nin": "nina"},
    "cam/staff": {"": "", "elementary": ""},
}
FOUND: dict[str, dict[str, str]] = {"pat/staff": {"": "", "=nin": "nina"}, "cam/staff": {"": "", "=leo": "leo"}}
EVERYBODY = f"{OF_MIDDLE} leo hal"
KEPT = {  # students whose access and access log an administrator manages: no own child, and for Fay only Elementary's
    "carl/staff": EVERYBODY,
    "carl/stale": EVERYBODY,
    "ada/staff": EVERYBODY.replace("kai ", ""),
    "fay/staff": "leo",
}
OFFICE = {  # (act, subject) → people whom an office lets in → students
    ("same person", "question"): {"carl/staff ada/staff fay/staff": "nina"},
    ("same person", "question/kai"): {"carl/staff fay/staff": "kai"},
    ("same person", "merge"): {"carl/staff ada/staff fay/staff": "max"},
    ("request", "asked"): {
        "carl/staff ada/staff": "nina leo",
        "ruth/staff": "nina",
    },  # Leo has the same birth date and one of the names
    ("request", "asked/jo"): {"carl/staff ada/staff": "nina leo", "ruth/staff": "nina"},
    ("request", "asked/pia"): {"carl/staff ruth/staff": "kai"},
    ("request", "asked/kit"): {"carl/staff ruth/staff": "kai"},
    ("tie check", "challenge"): {"carl/staff ada/staff": "nina"},
    ("tie check", "challenge/ada"): {"carl/staff": "kai"},
    ("correction case", "correction/ora"): {"carl/staff ada/staff ruth/staff": "ned"},
    ("birthdays", ""): {"carl/staff ruth/staff": "max kai", "ada/staff": "max"},
    ("changes", "changes/nina"): {"carl/staff ada/staff": "nina"},
    ("changes", "changes/ned"): {"carl/staff ada/staff": "ned"},
    ("change list", "=changes"): {"carl/staff ada/staff": "nina ned", "fay/staff": "nina"},
    ("change list", "=changes of nina"): {"carl/staff ada/staff fay/staff": "nina"},
    # Lists. No letter goes to a confidential contact, or about a student who has a restriction or an alias or is closed to parents.
    ("letters", "middle"): {"carl/staff ruth/staff": "kai"},
    ("letters", "elementary"): {"carl/staff ada/staff fay/staff": "leo"},
    ("letter", "middle=contact/pia/kai"): {"carl/staff ruth/staff": "kai"},
    ("letter", "elementary=contact/eli/leo"): {"carl/staff ada/staff fay/staff": "leo"},
    ("ties", ""): {"carl/staff ada/staff": "max sia"},  # students from whom someone is restricted
    ("ties", "=kai"): {"carl/staff": "kai"},
    ("ties", "=leo"): {"carl/staff ada/staff fay/staff": "leo"},
    ("ties", "=hal"): {"carl/staff ada/staff": "hal"},
    ("ties", "nina"): {"carl/staff ada/staff": "nina"},  # a student
    ("ties", "ana"): {"carl/staff ada/staff": "nina leo", "fay/staff": "leo"},  # an adult, with the students
    ("ties", "dana"): {"carl/staff": "kai"},
    ("masked", "=#kai"): {"carl/staff": "kai"},
    ("masked", ""): {"carl/staff ada/staff": "leo ned", "fay/staff": "leo"},  # students with an alias
    ("masked", "=#nina"): {"carl/staff ada/staff": "nina"},
    ("masked", "=kai"): {"carl/staff": "kai"},
    ("masked", "=leo"): {"carl/staff ada/staff fay/staff": "leo"},
    ("masked", "=rob"): {"carl/staff ada/staff": "ned"},
    ("support students", "=kai"): {"carl/staff": "kai"},
    ("support students", "=ned"): {"carl/staff ada/staff": "ned"},
    **{(act, "nina=dana"): {"carl/staff ada/staff": "nina"} for act in ("adults", "people")},  # searches for a person
    **{(act, f"leo={word}"): {"carl/staff ada/staff fay/staff": "leo"} for act in ("adults", "people") for word in ("ana", "bo")},
    ("no birth date", ""): {"carl/staff ada/staff ruth/staff": "sia"},
    ("ages", ""): {"carl/staff ada/staff ruth/staff": "ivy"},  # students with access suspended by age
    ("support grants", ""): {"carl/staff": "nina kai", "ada/staff": "nina kai"},
    ("restoration", ""): {"carl/staff": "max kai", "ada/staff": "max"},
    ("affected", "incident"): {"oz/staff": "hal ivy ned sia"},
    ("papers", ""): {"carl/staff ada/staff ruth/staff": "max"},
    ("support students", "=#kai"): {"carl/staff": "kai"},
    ("support students", "=#nina #kai ned"): {"carl/staff": "nina kai ned", "ada/staff": "nina ned"},
    ("code", "=#nina"): {"carl/staff ada/staff ruth/staff": "nina"},
    ("tutor office", ""): {"carl/staff ada/staff": "leo nina ned", "fay/staff": "leo"},
    ("codes", "=leo"): {"carl/staff ada/staff fay/staff": "leo"},
    ("codes", "=kai"): {"carl/staff ruth/staff": "kai"},
    ("codes", "=ned"): {"carl/staff ada/staff ruth/staff": "ned"},
    ("breach letter list", "incident=ana"): {"carl/staff ada/staff": "nina"},
    ("breach batch", "incident/printed"): {"carl/staff": "max"},
}
LISTS = (
    "change list", "code", "letters", "letter", "ties", "masked", "support students", "codes", "no birth date", "papers", "tutor office", "ages",
    "support grants", "restoration", "absences", "students", "affected", "breach letter list", "breach batch",
)  # fmt: skip
SUPPORTED = ("nina", "kai")  # students of the grant, in its order
OFFICE_KINDS = {
    "same person": "birth date",
    "request": "birth date,contacts",
    "tie check": "contacts",
    "correction case": "names",
    "birthdays": "birth date",
    "changes": "changes",
    "adults": "contacts",
    "people": "contacts",
    "ledger check": "ledger",
    "letters": "contact names",
    "letter": "contact names",
    "papers": "contact names,names",
    "affected": "contact names,names",
    **dict.fromkeys((act for act in LISTS if act not in ("letters", "letter", "papers", "absences", "affected")), "names"),
}


@dataclass(frozen=True, order=True)
class View:
    role: str
    act: str
    subject: str
    students: str
    kinds: str  # as the access log keeps them, sorted, with commas
    capacity: str

    @property
    def has(self) -> set[str]:
        """Returns the kinds of data that record functions read. Support and the list of absences have functions of their own."""
        return set() if self.act in ("support", "absences") else set(self.kinds.split(","))

    @property
    def seen(self) -> list[str]:
        return self.students.split()

    @property
    def of_class(self) -> str:
        return self.subject if self.act in ("gradebook", "class names") else ""

    @property
    def is_list(self) -> bool:
        return self.act in LISTS

    @property
    def written(self) -> str:
        """Returns the view in the form of probe_view()."""
        return " ".join(f"{student}:{self.kinds}" for student in sorted(self.seen)) + f" as {self.capacity}"


def views() -> dict[tuple[str, str, str], View]:
    support = [
        View("ray/support", "support", student, student, "attendance,grades,ties", "support") for student in SUPPORTED
    ]
    found = [*of_families(), *of_tutors(), *of_staff(), *of_offices(), *support]
    return {(view.role, view.act, view.subject): view for view in found}


def of_families() -> list[View]:
    found = []
    for role, children in FAMILY.items():
        capacity = "family" if role.endswith("/family") else "student"
        found.append(View(role, "home", "", children, "attendance,grades,ledger", capacity))
        for child in children.split():
            found.append(View(role, "child", child, child, "attendance,grades,ledger", capacity))
            if role.endswith("/card"):  # a sign-in card is not enough for the rest
                continue
            found.append(View(role, "record download", child, child, "attendance,grades", capacity))
            found += [View(role, act, child, child, "attendance,grades,ledger", capacity) for act in ("everything download", "corrections")]
            found += [View(role, act, child, child, "ledger", capacity) for act in ("who has looked", "who can see", "everything kept")]
    return found


def of_tutors() -> list[View]:
    found = []
    for role, (students, kind) in TUTORED.items():
        found.append(View(role, "home", "", students, kind, "family"))
        for act in ("child", "record download"):
            found += [View(role, act, student, student, kind, "family") for student in students.split()]
    return found


def of_staff() -> list[View]:
    found = [
        View(role, "gradebook", class_, TAUGHT.get((role, class_), CLASSES[class_]), "grades", capacity)
        for (role, class_), capacity in GRADEBOOKS.items()
    ]
    found.append(View("rosa/staff", "class names", "reading", "leo", "names", "substitute"))
    for role, (students, kinds, capacity) in DUTIES.items():
        found += [
            View(role, "child", student, student, ",".join(sorted(kinds.split())), capacity)
            for student in students.split()
        ]
        found += [View(role, "absences", subject, absent or students, "attendance", capacity) for subject, absent in ABSENT[role].items()]
    for role in ("pat/staff", "cam/staff"):  # without words, those whose page they opened before, which is everyone
        students, _, capacity = DUTIES[role]
        found += [View(role, "students", subject, named or students, "names", capacity) for subject, named in FOUND[role].items()]
    return found


def of_offices() -> list[View]:
    found = []
    for role, students in KEPT.items():
        for act in ("adults", "people", "ledger check"):
            found += [
                View(role, act, student, student, OFFICE_KINDS[act], "administrator") for student in students.split()
            ]
    for (act, subject), let_in in OFFICE.items():
        for roles, students in let_in.items():
            for role in [*roles.split(), *(["carl/stale"] if "carl/staff" in roles else [])]:
                capacity = {"ruth/staff": "duty: registrar", "oz/staff": "duty: data release"}.get(role, "administrator")
                found.append(View(role, act, subject, students, OFFICE_KINDS[act], capacity))
    return found


# Views that everyone tries, in addition to those that are open to them. Pairs that don't follow from the tables above are closed.
SOME = ("nina", "leo", "kai", "sia")
SUBJECTS = {
    "home": ("nina",),
    "child": (*SOME, "hal", "bo", "nobody at all"),
    "record download": SOME,
    "who has looked": SOME,
    "who can see": SOME,
    "everything kept": SOME,
    "everything download": SOME,
    "corrections": SOME,
    "correction case": ("correction/ora", "nina"),
    "adults": SOME,
    "people": SOME,
    "ledger check": SOME,
    "gradebook": ("algebra", "reading", "science"),
    "class names": ("algebra", "reading"),
    "changes": ("changes/nina", "changes/ned", "changes/ida"),
    "affected": ("incident", "nina", ""),
    "same person": ("question", "question/kai"),
    "request": ("asked", "asked/pia"),
    "tie check": ("challenge", "challenge/ada"),
    **dict.fromkeys(("birthdays", "no birth date", "papers", "tutor office", "ages", "support grants", "restoration"), ("", "nina")),
    "students": ("", "=nin", "=leo", "=hal", "=bo", "=n", "middle"),
    "absences": ("", "middle=week||", "elementary", "middle=||nin", "middle=||n", "middle=|9|", "nina"),
    "letters": ("middle", "middle=nina", "elementary", "nina", ""),
    **dict.fromkeys(("masked", "support students", "codes"), ("=kai", "=nobody at all", "=#kai", "nina")),
    "ties": ("=kai", "=nobody at all", "=#kai", "nina", "ana", "dana"),
    "code": ("=#nina", "=#bo", "=nina", "nina"),
    "letter": ("middle=contact/pia/kai", "elementary=contact/pia/kai", "middle=contact/quin/kai", "middle"),
    "breach letter list": ("incident", "incident=ana", "nina=ana"),
    "breach batch": ("incident/released", "nina"),
    "": ("nina",),
    "nonsense": ("nina",),
}


def about_and_words(act: str, subject: str, file: int) -> tuple[str | None, str]:
    """Returns the subject's UUID for look(), and a list's words. After "=" comes a name, a person's UUID (#), or the contact of a letter.

    `file` is the number of the file whose change set is listed.
    """
    about, _, words = subject.partition("=")
    if act == "change list":
        return None, json.dumps({"delivery": file, "called": words.removeprefix("changes").removeprefix(" of ")})
    words = " ".join(str(identity(word[1:])) if word.startswith("#") else word for word in words.split(" "))
    return str(identity(about)) if about else None, str(identity(words)) if act == "letter" and words else words


def subjects_of(role: str) -> list[tuple[str, str]]:
    """Returns each (act, subject) once."""
    tried = [(act, subject) for act, subjects in SUBJECTS.items() for subject in subjects]
    return list(
        dict.fromkeys([*tried, *((act, subject) for of, act, subject in views() if of == role and act != "support")])
    )
