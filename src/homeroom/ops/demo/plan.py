"""The made-up people of the demonstration: at least one of each kind."""

from dataclasses import dataclass
from typing import Any

from homeroom.ops.demo.madeup.shape import HARBOR, LINCOLN, Shape


@dataclass(frozen=True, slots=True)
class Shown:
    """A made-up person. `side` is family, staff or student. `sees` is text for the table."""

    name: str
    side: str
    kind: str
    sees: str

    @property
    def sign_in_name(self) -> str:
        return ".".join(self.name.casefold().split())


@dataclass(frozen=True, slots=True)
class DemoDistrict:
    """`ties` has adult, student and relation. `duties` has person, school and duty. The `administrators` are made with the portal."""

    shape: Shape
    seed: int
    phone: str
    ports: tuple[int, int]  # pages, inbox
    administrators: tuple[str, str]
    people: tuple[Shown, ...]
    ties: tuple[tuple[str, str, str], ...] = ()
    duties: tuple[tuple[str, str, str], ...] = ()

    def plan(self, ids: dict[str, str], password: str, authenticator: str) -> dict[str, Any]:
        """Returns the plan that demo_people reads. `ids` has each person's sourcedId. `authenticator` is the key of the staff's apps."""
        return {
            "password": password,
            "authenticator": authenticator,
            "accounts": [[ids[each.name], each.side, each.sign_in_name] for each in self.people],
            "ties": [[ids[adult], ids[child], relation] for adult, child, relation in self.ties],
            "duties": [[ids[person], school, duty] for person, school, duty in self.duties],
        }


LINCOLN_DEMO = DemoDistrict(
    shape=LINCOLN,
    seed=20_261_125,
    phone="(555) 010-0130",
    ports=(8000, 8400),
    administrators=("Carl Webb", "Joan Abbott"),
    people=(
        Shown("Ana Ruiz", "family", "parent", "her children Nina and Leo"),
        Shown("Dee Moss", "family", "parent", "her son Max, and not Nina"),
        Shown("Nina Ruiz", "student", "student", "her own pages"),
        Shown("Bo Larsen", "staff", "teacher", "his classes, Algebra 1 among them"),
        Shown("Rosa Lim", "staff", "associate with a duty", "attendance of Lincoln Middle"),
    ),
    ties=(("Ana Ruiz", "Nina Ruiz", "mother"), ("Ana Ruiz", "Leo Ruiz", "mother"), ("Dee Moss", "Max Moss", "mother")),
    duties=(("Rosa Lim", "LMS", "attendance clerk"),),
)
HARBOR_DEMO = DemoDistrict(
    shape=HARBOR,
    seed=20_261_126,
    phone="(555) 010-0177",
    ports=(8001, 8401),
    administrators=("Ruth Castellanos", "Walt Greene"),
    people=(Shown("Eve Stone", "family", "parent", "her daughter Ivy, in another district"),),
    ties=(("Eve Stone", "Ivy Stone", "mother"),),
)
