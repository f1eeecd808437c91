"""Queries for the page of grades under Settings: the categories of the files, the effect of a choice, and classes without grades."""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from homeroom.portal.access.reading import Reading

MOST = 300  # categories without grades. A district where teachers name their own may have thousands


class Category(NamedTuple):
    """One title in any capitals. `is_chosen`: it holds grades. `classes` counts those with an assignment of it."""

    title: str
    is_chosen: bool
    line_items: int
    classes: int

    @property
    def name(self) -> str:
        """Returns a name for a form's field, because a browser changes spaces and line ends in the title itself."""
        return sha256(self.title.lower().encode()).hexdigest()[:16]


class Effect(NamedTuple):
    """`gain` and `lose` count classes that would get or lose a grade. `into_grades` and `into_work` count line items that would be marked differently."""

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
    """Returns categories with grades first, then the most used. It returns up to MOST + 1 of the others, so that the page knows of more."""
    return CATEGORIES(most=MOST + 1)


def effect_of(titles: Sequence[str]) -> Effect | None:
    """Returns None for anyone without an office."""
    return EFFECT.one(titles=list(titles))


def ungraded() -> Ungraded:
    return UNGRADED.one() or Ungraded(0)
