"""What the page of grades under Settings asks: the categories of the files, what a choice would change, and where grades are lacking."""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from homeroom.portal.access.reading import Reading

MOST = 300  # categories that hold no grades; a district where teachers name their own may have thousands


class Category(NamedTuple):
    """One title in any capitals. is_chosen: it holds grades. classes: that have an assignment of it."""

    title: str
    is_chosen: bool
    line_items: int
    classes: int

    @property
    def name(self) -> str:
        """For a form's field: a browser changes spaces and line ends in the title itself."""
        return sha256(self.title.lower().encode()).hexdigest()[:16]


class Effect(NamedTuple):
    """gain, lose: classes, of a grade. into_grades, into_work: line items that would be marked otherwise."""

    gain: int
    lose: int
    into_grades: int
    into_work: int


class Ungraded(NamedTuple):
    """Classes that have scores this term and no grade."""

    classes: int


CATEGORIES = Reading(Category, "grade_categories_shown", most="integer")
EFFECT = Reading(Effect, "grade_categories_previewed", titles="text[]")
UNGRADED = Reading(Ungraded, "classes_ungraded_shown")


def categories() -> list[Category]:
    """Those that hold grades first, then the most used; MOST of the others and one, where there are more."""
    return CATEGORIES(most=MOST + 1)


def effect_of(titles: Sequence[str]) -> Effect | None:
    """None for whoever holds no office."""
    return EFFECT.one(titles=list(titles))


def ungraded() -> Ungraded:
    return UNGRADED.one() or Ungraded(0)
