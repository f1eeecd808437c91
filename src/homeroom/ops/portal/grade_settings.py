"""The district's choice of the categories that hold class grades, and whether families see estimates. The Grades page sets the same."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection

from homeroom.ops.answers import NotDone
from homeroom.portal.access.acting import Answer

MOST = 50  # the most categories without grades in the terminal's table
CHOSEN = "SELECT grade_categories, estimates FROM district"
USED = "SELECT * FROM categories_used(%s)"
UNGRADED = "SELECT classes FROM classes_ungraded()"
EFFECT = "SELECT gain, lose, into_grades, into_work FROM categories_effect(%s)"
WRITE = "SELECT write_grade_categories(%s, NULL, 'operator')"
WRITE_ESTIMATES = "SELECT write_setting('estimates', %s, NULL, 'operator', NULL)"
NOT_WRITTEN = {
    Answer.ODD: "Give each category once, with 1 to 200 characters, and at most 200 of them. Nothing was changed.",
    Answer.BUSY: "An import is running. Nothing was changed. Try again in a few minutes.",
}


@dataclass(frozen=True, slots=True)
class Category:
    title: str
    holds_grades: bool
    assignments: int
    classes: int


@dataclass(frozen=True, slots=True)
class Effect:
    """Counts classes that gain or lose a grade, assignments that become grades, and grades that become assignments."""

    gain: int
    lose: int
    into_grades: int
    into_work: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)

    def told(self) -> str:
        return (
            f"Classes that gain a grade: {self.gain}. Classes that lose their grade: {self.lose}. "
            f"Assignments that become grades: {self.into_grades}. Grades that become assignments: {self.into_work}."
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """The current choice. `ungraded` counts classes that have scores this term and no grade. They show an estimate, if estimates are on."""

    categories: tuple[Category, ...]
    estimates: bool
    ungraded: int

    def as_json(self) -> dict[str, Any]:
        return {"categories": [asdict(each) for each in self.categories], "estimates": self.estimates, "classes_without_grade": self.ungraded}

    def rows(self) -> list[tuple[str, bool, int, int]]:
        return [(each.title, each.holds_grades, each.assignments, each.classes) for each in self.categories]

    def told(self) -> str:
        estimates = "Families see an estimate if the school sent no grade." if self.estimates else "Families see only grades that the school sent."
        return f"{estimates} Classes that have scores this term and no grade: {self.ungraded}."


def chosen(connection: Connection[Any]) -> Standing:
    _titles, estimates = connection.execute(CHOSEN).fetchone() or ([], False)
    (ungraded,) = connection.execute(UNGRADED).fetchone() or (0,)
    return Standing(tuple(Category(*row) for row in connection.execute(USED, [MOST]).fetchall()), estimates, ungraded)


@dataclass(frozen=True, slots=True)
class Wish:
    """`add` and `remove` are titles of categories. None for `estimates` keeps the setting."""

    add: Sequence[str]
    remove: Sequence[str]
    estimates: bool | None

    @property
    def is_any(self) -> bool:
        return bool(self.add or self.remove) or self.estimates is not None


def carry_out(connection: Connection[Any], wish: Wish, *, is_tried: bool) -> Effect | None:
    """Makes the changes in the caller's transaction, and rolls them back if `is_tried`. Takes effect right away, also for files that were imported
    before. Returns None if `wish` has no category. Raises NotDone."""
    effect = None
    with connection.transaction(force_rollback=is_tried):
        if wish.add or wish.remove:
            titles = with_changes(connection, wish)
            effect = Effect(*(connection.execute(EFFECT, [titles]).fetchone() or (0, 0, 0, 0)))
            (said,) = connection.execute(WRITE, [titles]).fetchone() or ("",)
            if (answer := Answer(said)) in NOT_WRITTEN:
                raise NotDone(NOT_WRITTEN[answer])
        if wish.estimates is not None:
            connection.execute(WRITE_ESTIMATES, [str(wish.estimates).lower()])
    return effect


def with_changes(connection: Connection[Any], wish: Wish) -> list[str]:
    """Returns the titles that would be chosen. Capital letters make no difference. Raises NotDone."""
    titles, _estimates = connection.execute(CHOSEN).fetchone() or ([], False)
    there, gone = {title.lower() for title in titles}, {title.lower() for title in wish.remove}
    if unknown := [title for title in wish.remove if title.lower() not in there]:
        raise NotDone(f"{unknown[0]!r} holds no class grades. Run the command without options to see what is chosen.")
    return [title for title in titles if title.lower() not in gone] + [title for title in wish.add if title.lower() not in there]
