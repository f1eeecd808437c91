"""Builds the pages of a change set. Pure: counts and changes in, words out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.intake.office import change_words, pages_words
from homeroom.portal.intake.office.change_queries import COUNTED, PAGE, Changed, ChangedRow, Count, Wanted
from homeroom.portal.intake.office.field_words import field

KINDS = ("going", "changed", "new")
TELLING = ("line_item", "section", "title", "name", "person", "day", "role", "school")


@dataclass(frozen=True, slots=True)
class CountLine:
    """`numbers` are rows that end, change and are added."""

    title: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    path: str
    name: str
    where: str
    what: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """`more` is the query of the next page without a name, or "" on the last page. `in_all` says in words how many the filter found."""

    title: str
    delivery: int
    by_table: tuple[CountLine, ...]
    by_school: tuple[CountLine, ...]
    people: tuple[Listed, ...]
    in_all: str
    schools: tuple[Option, ...]
    shapes: tuple[Option, ...]
    kinds: tuple[Option, ...]
    wanted: Wanted
    more: str


@dataclass(frozen=True, slots=True)
class FirstPeople:
    """Holds the first people of a file on hold, for the file's own page."""

    people: tuple[Listed, ...]
    in_all: str
    kinds: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Compared:
    tag: tuple[str, str]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`more` says in words how many more rows there are than were kept."""

    id: str
    title: str
    rows: tuple[Compared, ...]
    more: str


@dataclass(frozen=True, slots=True)
class OneChange:
    name: str
    delivery: int
    where: str
    odd: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    is_here: bool


def change_set_page(
    delivery: int, title: str, counts: Sequence[Count], found: Sequence[Changed], in_all: int, wanted: Wanted
) -> ChangeSet:
    titles = {count.school: count.school_title for count in counts if count.school}
    shapes = {count.shape for count in counts}
    tables = {name: said for name, said in pages_words.tables().items() if name in shapes}
    last = found[PAGE - 1].place if len(found) > PAGE else 0
    return ChangeSet(
        title=title,
        delivery=delivery,
        by_table=tuple(_line(said, [count for count in counts if count.shape == name]) for name, said in tables.items()),
        by_school=tuple(_by_school(counts)),
        people=tuple(_people(delivery, found[:PAGE], titles)),
        in_all=_found(in_all),
        schools=_options(titles, wanted.school),
        shapes=_options(tables, wanted.shape),
        kinds=_options(change_words.kinds(), wanted.kind),
        wanted=wanted,
        more=_query(wanted, last) if last else "",
    )


def first_people(delivery: int, counts: Sequence[Count], found: Sequence[Changed], in_all: int) -> FirstPeople:
    titles = {count.school: count.school_title for count in counts if count.school}
    return FirstPeople(tuple(_people(delivery, found, titles)), _found(in_all), _options(change_words.kinds(), ""))


def _found(in_all: int) -> str:
    if in_all > COUNTED:
        return _("More than %(n)s found") % {"n": f"{COUNTED:,}"}
    return ngettext("%(n)s found", "%(n)s found", in_all) % {"n": f"{in_all:,}"}


def _by_school(counts: Sequence[Count]) -> list[CountLine]:
    own = defaultdict(list)
    for count in counts:
        own[count.school_title if count.school else _("No one school")].append(count)
    return [_line(title, each) for title, each in own.items()]


def _line(title: str, counts: Sequence[Count]) -> CountLine:
    return CountLine(title, tuple(f"{sum(count.rows for count in counts if count.kind == kind):,}" for kind in KINDS))


def _options(titles: dict[str, str], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, title, value == chosen) for value, title in titles.items())


def _query(wanted: Wanted, after: int) -> str:
    words = {"school": wanted.school, "table": wanted.shape, "kind": wanted.kind, "odd": "1" if wanted.is_odd else ""}
    return urlencode({name: word for name, word in words.items() if word} | {"after": after})


def _people(delivery: int, found: Sequence[Changed], titles: dict[str, str]) -> Iterator[Listed]:
    summary, odd = change_words.summaries(), change_words.odd_words()
    for change in found:
        folder = "changes" if change.is_here else "newcomers"
        yield Listed(
            path=f"/imports/{delivery}/{folder}/{change.uuid}",
            name=change.name,
            where=", ".join([*_about(change), *(titles.get(school, school) for school in change.schools)]),
            what=summary(change.counts),
            tags=(*_leaves_or_comes(change), *(("late", odd.get(code, code)) for code in change.stands_out)),
        )


def _leaves_or_comes(change: Changed) -> list[tuple[str, str]]:
    if change.about == "person" and "person going" in change.counts:
        return [("missing", _("Would leave"))]
    return [("new", _("Would arrive"))] if change.about == "person" and "person new" in change.counts else []


def _about(change: Changed) -> list[str]:
    if change.about == "person":
        return [] if change.is_here else [_("Not here yet")]
    return [{"school": _("School"), "term": _("Term"), "course": _("Course"), "section": _("Class")}.get(change.about, change.about)]


def change_page(delivery: int, change: Changed, rows: Sequence[ChangedRow], counts: Sequence[Count]) -> OneChange:
    titles, odd = {count.school: count.school_title for count in counts}, change_words.odd_words()
    return OneChange(
        name=change.name,
        delivery=delivery,
        where=", ".join([*_about(change), *(titles.get(school, school) for school in change.schools)]),
        odd=tuple((odd.get(code, code), change_words.why_odd(code)) for code in change.stands_out),
        tables=tuple(_tables(change, rows)),
        is_here=change.is_here,
    )


def _tables(change: Changed, rows: Sequence[ChangedRow]) -> list[Table]:
    found = []
    for shape, title in pages_words.tables().items():
        own = sorted((row for row in rows if row.shape == shape), key=lambda row: KINDS.index(row.kind))
        more = sum(change.counts.get(f"{shape} {kind}", 0) for kind in KINDS) - len(own)
        if own:
            words = ngettext("and %(n)s more row", "and %(n)s more rows", more) % {"n": f"{more:,}"} if more > 0 else ""
            found.append(Table(shape, title, tuple(map(_compared, own)), words))
    return found


def _compared(row: ChangedRow) -> Compared:
    """Shows cells that change, and unchanged ones only if they identify the row. Identifying cells come first."""
    names = sorted({*row.old, *row.new}, key=lambda name: TELLING.index(name) if name in TELLING else len(TELLING))
    cells = [(name, change_words.value(name, row.old.get(name)), change_words.value(name, row.new.get(name))) for name in names]
    kept = [Cell(field(name), old, new) for name, old, new in cells if (old or new) and (old != new or name in TELLING)]
    return Compared(change_words.kind_tag(row.kind), tuple(kept))
