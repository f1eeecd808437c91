"""A class as a family reads it: its grade and where that comes from, the trend, and the work. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.grades import trend as trends
from homeroom.portal.grades.arithmetic import Estimate, Score, estimate, is_missing
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece, Said, WorkRow, coming_row, is_coming, out_of, row, said, worth
from homeroom.portal.wording import dates
from homeroom.portal.wording.numbers import exact, grade_percent, points, tenths
from homeroom.portal.wording.statements import statements_said

LETTER = re.compile(r"[A-DF][+-]?")
SHOWN = 20  # assignments before "Show all"
EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class DrawnFor:
    """When and for whom a page is drawn."""

    today: date
    as_of: date  # day of the export
    since: date | None  # day of the visit before this one
    has_estimates: bool
    all_of: str = ""  # uuid of the class whose work is shown in full, or "everything"
    seen: int | None = None  # the last delivery that the visit before could show. None on a first visit


class Judged(NamedTuple):
    piece: Piece
    score: Score
    missing: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """`term` is set for a grade of a term that doesn't run today."""

    letter: str
    number: str
    source: str  # file, estimate, none
    term: str = ""

    @property
    def said(self) -> str:
        return " ".join(filter(None, [self.letter, self.number]))


NO_GRADE = Grade("", "", "none")


@dataclass(frozen=True, slots=True)
class How:
    """`parts` has kind, average and share. `total` is the last line of the table, if there is one."""

    title: str
    parts: tuple[tuple[str, str, str], ...]
    total: str
    sentences: tuple[str, ...]
    statements: tuple[str, ...] = ()  # of the family, about a grade that the school sent


@dataclass(frozen=True, slots=True)
class Trend:
    drawing: trends.Drawing
    direction: str
    words: str
    label: str


@dataclass(frozen=True, slots=True)
class ClassRow:
    uuid: str
    title: str
    teachers: str
    period: str
    tags: tuple[tuple[str, str], ...]
    grade: Grade
    how: How
    trend: Trend | None
    coming: tuple[WorkRow, ...]  # to hand in, the soonest due first
    work: tuple[WorkRow, ...]
    in_all: int
    is_whole: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A row of the lists at the top of a child's page. `of` is the class, and `anchor` is where its row is."""

    title: str
    of: str
    due: date
    worth: str
    anchor: str


def judged(pieces: Sequence[Piece], asked: DrawnFor) -> list[Judged]:
    found = []
    for piece in pieces:
        score = piece.as_score()
        is_new = piece.has_score and piece.came_after(asked.seen)
        found.append(Judged(piece, score, is_missing(score, asked.as_of), is_new))
    return found


def class_rows(seats: Sequence[Seat], pieces: Sequence[Piece], asked: DrawnFor) -> tuple[list[ClassRow], list[Missing]]:
    """Returns the classes in the order of the seats, and their missing work, longest due first."""
    by_section = {seat.section_id: (seat, list[Piece]()) for seat in seats}
    for piece in pieces:
        by_section[piece.section_id][1].append(piece)
    sorted_out = [(seat, *split(of_class, asked)) for seat, of_class in by_section.values()]
    lines = {seat.section_id: [] if is_in_levels(grades, now, asked) else trends.steps(scored(now)) for seat, grades, _work, now in sorted_out}
    scale = trends.Scale.over(list(lines.values()))
    rows, say = [], said()
    for seat, grades, work, now in sorted_out:
        graded = grade_of(grades, now, asked)
        line = trend_of(lines[seat.section_id], scale, shows_percent=graded[0].source == "estimate")
        rows.append(class_row(seat, work, graded, line, asked, say))
    lacking = [missing_row(seat, j.piece) for seat, _grades, work, _now in sorted_out for j in work if j.missing]
    return rows, sorted(lacking, key=lambda found: (found.due, found.of))


def split(pieces: Sequence[Piece], asked: DrawnFor) -> tuple[list[Piece], list[Judged], list[Judged]]:
    """Returns the grades of the class, all its work, and the work of the running term, or all work if no term runs."""
    grades = [piece for piece in pieces if piece.is_grade]
    work = judged([piece for piece in pieces if not piece.is_grade], asked)
    return grades, work, [j for j in work if j.piece.runs_on(asked.today)] or work


def scored(work: Sequence[Judged]) -> list[tuple[date, Score]]:
    return [(j.piece.scored or j.piece.due, j.score) for j in work]


def missing_row(seat: Seat, piece: Piece) -> Missing:
    return Missing(piece.title, seat.title, piece.due, worth(piece), f"work-{piece.line_item_id}")


def class_row(
    seat: Seat,
    work: Sequence[Judged],
    graded: tuple[Grade, How],
    line: Trend | None,
    asked: DrawnFor,
    say: Said,
) -> ClassRow:
    grade, how = graded
    coming = [j for j in reversed(work) if not j.missing and is_coming(j.piece, asked.today)]
    work = [j for j in work if j.missing or not is_coming(j.piece, asked.today)]
    is_whole = asked.all_of in (seat.uuid, EVERYTHING) or len(work) <= SHOWN
    # Missing work is always shown, however old, because the list at the top of the page links to it.
    shown = work if is_whole else [j for number, j in enumerate(work) if number < SHOWN or j.missing]
    return ClassRow(
        uuid=seat.uuid,
        title=seat.title,
        teachers=", ".join(seat.teachers),
        period=_("period %(number)s") % {"number": seat.periods[0]} if len(seat.periods) == 1 else "",
        tags=class_tags(work, grade),
        grade=grade,
        how=how,
        trend=line,
        coming=tuple(coming_row(j.piece, say) for j in coming),
        work=tuple(row(j.piece, say, missing=j.missing, is_new=j.is_new) for j in shown),
        in_all=len(work),
        is_whole=is_whole,
        is_open=asked.all_of in (seat.uuid, EVERYTHING),
    )


def class_tags(work: Sequence[Judged], grade: Grade) -> tuple[tuple[str, str], ...]:
    missing, new = sum(j.missing for j in work), sum(j.is_new for j in work)
    said = []
    if missing:
        said.append(("missing", ngettext("%(n)s missing", "%(n)s missing", missing) % {"n": missing}))
    if new:
        said.append(("new", ngettext("%(n)s new score", "%(n)s new scores", new) % {"n": new}))
    if grade.source == "estimate":
        said.append(("plain", _("Estimate")))
    return tuple(said)


def grade_of(grades: Sequence[Piece], now: Sequence[Judged], asked: DrawnFor) -> tuple[Grade, How]:
    """Returns the file's grade of the running term, else an estimate if the district shows them, else the last grade sent, else no grade.

    If no term runs, the last grade comes before an estimate.
    """
    sent = newest_sent(grades, asked)
    if sent and (sent.runs_on(asked.today) or not any(j.piece.runs_on(asked.today) for j in now)):
        return grade_sent(sent, asked)
    if asked.has_estimates and not is_in_levels(grades, now, asked) and (found := estimate(j.score for j in now)):
        return estimated(found, sent)
    if sent:
        return grade_sent(sent, asked)
    has_any = any(j.score.counts and j.score.out_of for j in now)
    why = _("The school has not sent a grade for this class.") if has_any else _("Nothing that counts has been scored.")
    return NO_GRADE, How(_("No grade yet"), (), "", (why,))


def newest_sent(grades: Sequence[Piece], asked: DrawnFor) -> Piece | None:
    sent = [piece for piece in grades if piece.has_score and not piece.is_exempt]
    return max(sent, key=lambda p: (p.runs_on(asked.today), p.term_ends, p.scored or p.due), default=None)


def is_in_levels(grades: Sequence[Piece], now: Sequence[Judged], asked: DrawnFor) -> bool:
    """Returns whether the class is scored in levels (3 of 4, Meeting). Levels have no percent and no average, so the class has no trend and no
    estimate.

    The grade that was sent decides, or else the words of the scores. Letters are not levels: many schools send one with each score.
    """
    sent = newest_sent(grades, asked)
    if sent and sent.score is not None and sent.out_of is not None:
        return sent.out_of != 100
    counted = [j.piece for j in now if j.score.counts]
    named = {piece.text_score for piece in counted if piece.text_score and piece.out_of != 100}
    return all(piece.text_score for piece in counted) and not all(map(LETTER.fullmatch, named))


def sent_alone(piece: Piece, asked: DrawnFor) -> Grade:
    """Returns the grade without words about where it comes from."""
    return Grade(piece.text_score or "", number_of(piece), "file", "" if piece.runs_on(asked.today) else piece.term)


def grade_sent(piece: Piece, asked: DrawnFor) -> tuple[Grade, How]:
    is_running, grade = piece.runs_on(asked.today), sent_alone(piece, asked)
    so_far = _("It can still change.") if is_running else ""
    # The last file may no longer have the grade of a past term, so its day is not this grade's.
    where = (
        _("The school’s own system sent this grade for %(term)s on %(day)s. Homeroom shows it as it came.")
        if is_running
        else _("The school’s own system sent this grade for %(term)s. Homeroom shows it as it came.")
    )
    words = where % {"term": piece.term, "day": dates.plain_day(asked.as_of)}
    title = _("Where %(grade)s comes from") % {"grade": grade.said}
    return grade, How(title, (), "", tuple(filter(None, [words, so_far, piece.comment or ""])), statements_said(piece.statement))


def number_of(piece: Piece) -> str:
    """Returns 88.4%, or 3 of 4 on the school's own scale. A score without a maximum stays as sent, because 3.2 may be a grade point average."""
    if piece.score is None:
        return ""
    if piece.out_of is None:
        return points(piece.score)
    return grade_percent(exact(piece.score)) if piece.out_of == 100 else out_of(piece.score, piece.out_of)


def estimated(found: Estimate, before: Piece | None) -> tuple[Grade, How]:
    """`before` is the grade that the school sent for an earlier term."""
    number = grade_percent(found.total)
    parts = tuple((p.kind, f"{tenths(p.average)}%", f"{points(float(round(p.share, 1)))}%") for p in found.parts)
    if parts:
        terms = _(" plus ").join(f"{kind} {average} × {share}" for kind, average, share in parts)
    else:
        said = {"points": points(float(found.points)), "most": points(float(found.out_of))}
        terms = _("%(points)s of %(most)s points") % said
    sentences = [
        f"{terms}.",
        _("Excused and unmarked work is left out, so it cannot lower the number."),
        _("This is an estimate from the scores sent. The school has not sent a grade, and its grade may differ."),
    ]
    if before:
        earlier = {"grade": " ".join(filter(None, [before.text_score, number_of(before)])), "term": before.term}
        sentences[-1] = _("This is an estimate from the scores sent. The school has not sent a grade for this term, and its grade may differ.")
        sentences.append(_("For %(term)s it sent %(grade)s.") % earlier)
    how = _("How %(grade)s was worked out") % {"grade": number}
    return Grade("", number, "estimate"), How(how, parts, number, tuple(sentences), statements_said(before.statement) if before else ())


def trend_of(line: Sequence[trends.Step], scale: trends.Scale | None, *, shows_percent: bool) -> Trend | None:
    """Returns the trend, in words as well. Without an estimate it gives no percent, because the percent would be an estimate."""
    if not line or scale is None:
        return None
    moved = trends.change(line)
    direction, much = trends.direction(moved), trends.size(moved)
    going = _("up %(much)s") if direction == "up" else _("down %(much)s") if direction == "down" else _("steady")
    words = going % {"much": much}
    said = {"month": dates.month(line[0][0]), "day": dates.plain_day(line[0][0]), "words": words, "from": tenths(line[0][1]), "to": tenths(line[-1][1])}
    match trends.is_short(line), shows_percent:
        case True, True:
            label = _("Trend of scores since %(day)s: %(from)s to %(to)s percent, %(words)s")
        case True, False:
            label = _("Trend of scores since %(day)s: %(words)s")
        case False, True:
            label = _("Trend of scores since %(month)s: %(from)s to %(to)s percent, %(words)s in two weeks")
        case _never:
            label = _("Trend of scores since %(month)s: %(words)s in two weeks")
    return Trend(trends.drawing(line, scale), direction, words, label % said)
