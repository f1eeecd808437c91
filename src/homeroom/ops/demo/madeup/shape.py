"""The two made-up districts of demonstrations and tests: how large they are, and who in them is known by name."""

from dataclasses import dataclass

ELEMENTARY = range(0, 6)  # kindergarten is 0
MIDDLE = range(6, 9)


@dataclass(frozen=True, slots=True)
class SchoolShape:
    """`code` is the school's sourcedId."""

    code: str
    name: str
    grades: range
    students: int
    principal: str

    @property
    def is_elementary(self) -> bool:
        return self.grades.start < MIDDLE.start


@dataclass(frozen=True, slots=True)
class FamilyShape:
    """A family that must exist: names of its adults, and of its children with their grade."""

    adults: tuple[str, ...]
    children: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """`teachers` are (name, course): that course's first one. `staff` are name, OneRoster role, and school or ''."""

    slug: str
    name: str
    schools: tuple[SchoolShape, ...]
    families: tuple[FamilyShape, ...] = ()
    teachers: tuple[tuple[str, str], ...] = ()
    staff: tuple[tuple[str, str, str], ...] = ()

    @property
    def students(self) -> int:
        return sum(school.students for school in self.schools)


LINCOLN = Shape(
    slug="lincoln",
    name="Lincoln Unified",
    schools=(
        SchoolShape("LES", "Lincoln Elementary", ELEMENTARY, 450, "Grace Whitfield"),
        SchoolShape("LMS", "Lincoln Middle", MIDDLE, 560, "Andre Baptiste"),
    ),
    families=(
        FamilyShape(("Ana Ruiz", "Luis Ruiz"), (("Nina Ruiz", 7), ("Leo Ruiz", 3))),
        FamilyShape(("Dee Moss",), (("Max Moss", 7),)),
        FamilyShape(("Priya Nair",), (("Asha Nair", 7),)),  # she teaches there too: nobody grades her own child
    ),
    teachers=(
        ("Bo Larsen", "Algebra 1"),
        ("Dana Okafor", "English 7"),
        ("Priya Nair", "Science 7"),
        ("Marta Delgado", "Spanish 1"),
        ("Tim Brandt", "World History"),
        ("Kofi Osei", "PE 7"),
        ("Joan Abbott", "Grade 3"),
    ),
    staff=(
        ("Carl Webb", "districtAdministrator", ""),
        ("Rosa Lim", "aide", "LMS"),
        ("Sam Ortega", "counselor", "LMS"),
    ),
)
HARBOR = Shape(
    slug="harbor",
    name="Harbor School District",
    schools=(SchoolShape("HMS", "Harbor Middle", MIDDLE, 300, "Ruth Castellanos"),),
    families=(FamilyShape(("Eve Stone",), (("Ivy Stone", 7),)),),
    teachers=(("Hana Novak", "Algebra 1"),),
    staff=(("Walt Greene", "districtAdministrator", ""),),
)
