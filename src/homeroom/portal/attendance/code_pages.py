"""Content of the pages of codes. Pure: codes and their meanings in, words out."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.attendance.calendar import UNMAPPED, Codes, Meaning
from homeroom.portal.attendance.code_queries import MOST, Found, Touched, begun
from homeroom.portal.attendance.codes import (
    Code,
    Met,
    is_open,
    listed,
    name_of,
    own_or_default,
    read_otherwise,
    shown,
    unmapped,
)
from homeroom.portal.attendance.forms import CHOICES, Wish, value_of
from homeroom.portal.attendance.guesses import guess
from homeroom.portal.attendance.models import Excuse, Presence
from homeroom.portal.attendance.words import as_family_reads
from homeroom.portal.audit.setting_queries import SettingChange
from homeroom.portal.wording import dates

ROWS = 50  # per page
OPEN = 10  # on the page of imports


@dataclass(frozen=True, slots=True)
class CodeRow:
    """`name` is that of its form fields. `was` and `chosen` are values of the choices. A code without a meaning has a tag (kind and word) and a guess."""

    name: str
    status: str
    excuse_code: str
    about: str
    marks: tuple[str, str]
    last: str
    now: str
    tag: tuple[str, str] | None
    guess: str
    was: str
    chosen: str


@dataclass(frozen=True, slots=True)
class CodesPage:
    """`choices` are values and words. `before` and `after` are the numbers of the pages before and after. `is_filled`: the guesses are filled in."""

    lead: str
    too_many: str
    rows: tuple[CodeRow, ...]
    choices: tuple[tuple[str, str], ...]
    taken: tuple[str, ...]
    history: tuple[tuple[str, str], ...]
    number: int
    before: int | None
    after: int | None
    can_fill: bool
    is_filled: bool


def codes_page(
    found: Found, codes: Codes, history: Sequence[SettingChange], number: int, wish: Wish, *, is_filled: bool = False
) -> CodesPage:
    every = listed(found.met, codes)
    pages = max(1, -(-len(every) // ROWS))
    number = min(max(number, 1), pages)
    has_excuses = {status for status, excuse in found.met if excuse}
    shown_here = every[(number - 1) * ROWS : number * ROWS]
    guesses = guesses_of(shown_here, codes)
    chosen = {**{code: value_of(meaning) for code, meaning in guesses.items() if meaning and is_filled}, **(wish.chosen or {})}
    return CodesPage(
        lead=lead_of(found.met, codes),
        too_many=too_many() if found.has_more else "",
        rows=tuple(row_of(each, codes, chosen, guesses, has_excuses) for each in shown_here),
        choices=(("", _("Nothing said")), *((value_of(choice), words_of(choice)) for choice in CHOICES)),
        taken=tuple(_("%(code)s: %(words)s") % {"code": title_of(code), "words": now_of(code, codes)} for code in wish.taken),
        history=tuple(line for change in history for line in lines_of(change)),
        number=number,
        before=number - 1 if number > 1 else None,
        after=number + 1 if number < pages else None,
        can_fill=any(guesses.values()),
        is_filled=is_filled and any(guesses.values()),
    )


def guesses_of(met: Iterable[Met], codes: Codes) -> dict[Code, Meaning | None]:
    """Returns guesses for codes that files sent and that have no meaning."""
    return {each.code: guess(each.code, codes) for each in met if each.last and is_open(each.code, codes)}


@dataclass(frozen=True, slots=True)
class OpenCodes:
    """`number` counts all. `rows` has title, number of records with its word, and guess of the most frequent codes. `more` counts the others."""

    number: int
    rows: tuple[tuple[str, str, str], ...]
    more: int


def open_page(met: Sequence[Met], codes: Codes) -> OpenCodes:
    first = met[:OPEN]
    guesses = guesses_of(first, codes)
    rows = tuple((title_of(each.as_sent), " ".join(records(each.marks)), guess_words(guesses[each.code])) for each in first)
    return OpenCodes(len(met), rows, len(met) - len(rows))


def guess_words(meaning: Meaning | None) -> str:
    return _("Guess: %(meaning)s") % {"meaning": words_of(meaning)} if meaning else _("No guess")


def lead_of(met: Mapping[Code, Met], codes: Codes) -> str:
    if not met:
        return _("No attendance has come this school year.")
    open_ = unmapped(met, codes)
    if not open_:
        return _("Every code of this school year has a meaning.")
    marks = sum(met[code].marks for code in open_)
    said = ngettext("%(n)s code has no meaning yet.", "%(n)s codes have no meaning yet.", len(open_)) % {"n": f"{len(open_):,}"}
    have = ngettext("%(n)s record has this code.", "%(n)s records have this code.", marks) % {"n": f"{marks:,}"}
    return f"{said} {have} " + _("Until a code has a meaning, families read “recorded”, or that a reason code is on file.")


def too_many() -> str:
    return _(
        "More than %(n)s different codes came, so only the first are shown. Most likely the file has notes where codes belong: "
        "ask your IT what the columns Attendance_status and Excuse_code hold."
    ) % {"n": f"{MOST:,}"}


def row_of(
    met: Met, codes: Codes, chosen: Mapping[Code, str], guesses: Mapping[Code, Meaning | None], has_excuses: Collection[str]
) -> CodeRow:
    was = value_of(codes.get(met.code))
    return CodeRow(
        name=name_of(met.code),
        status=shown(met.as_sent[0]),
        excuse_code=shown(met.as_sent[1]),
        about=_("with any other excuse code, or none") if not met.code[1] and met.code[0] in has_excuses else "",
        marks=records(met.marks),
        last=dates.day(met.last) if met.last else "",
        now=now_of(met.code, codes),
        tag=("late", _("No meaning")) if met.code in guesses else None,
        guess=guess_words(guesses[met.code]) if met.code in guesses else "",
        was=was,
        chosen=chosen.get(met.code, was),
    )


def records(number: int) -> tuple[str, str]:
    """Returns the number, and its word for places without a column heading."""
    return f"{number:,}", ngettext("record", "records", number)


def now_of(code: Code, codes: Codes) -> str:
    if code in codes:
        return words_of(codes[code])
    default = own_or_default(code, codes)
    if default is None:
        return words_of(UNMAPPED)
    return _("%(meaning)s, from the status only") % {"meaning": words_of(default)}


def words_of(meaning: Meaning) -> str:
    """Returns the meaning in words, such as "Absent, excused" in English."""
    said = {
        Presence.PRESENT: _("Present"),
        Presence.ABSENT: _("Absent"),
        Presence.TARDY: _("Late"),
        Presence.LEFT_EARLY: _("Left early"),
        Presence.RECORDED: _("Recorded"),
    }[meaning.presence]
    excuse = {Excuse.UNKNOWN: "", Excuse.EXCUSED: _("excused"), Excuse.UNEXCUSED: _("unexcused")}[meaning.excuse]
    return f"{said}, {excuse}" if excuse else said


def title_of(code: Code) -> str:
    """Returns a title such as abs / med. Each word is isolated, so that a right-to-left word doesn't change the direction of the rest."""
    return " / ".join(f"\N{FIRST STRONG ISOLATE}{shown(word)}\N{POP DIRECTIONAL ISOLATE}" for word in code if word)


def lines_of(change: SettingChange) -> list[tuple[str, str]]:
    """Returns who and when, with the meanings before and after."""
    who = _("%(by)s, %(day)s, %(time)s") % {"by": change.name, "day": dates.day(change.at.date()), "time": dates.clock(change.at)}
    return [
        (who, _("%(code)s: %(was)s, then %(now)s") % {"code": title_of((c["status"], c["excuse_code"])), "was": kept(c["was"]), "now": kept(c["now"])})
        for c in json.loads(change.changes)
    ]


def kept(pair: list[int] | None) -> str:
    return words_of(Meaning(Presence(pair[0]), Excuse(pair[1]))) if pair else _("nothing said")


@dataclass(frozen=True, slots=True)
class Reading:
    """One code whose records would read differently: the number of records and of students, and the words before and after."""

    title: str
    marks: tuple[str, str]
    students: tuple[str, str] | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """`fields` are the form's names and values, to post again."""

    lead: str
    readings: tuple[Reading, ...]
    fields: tuple[tuple[str, str], ...]
    number: int


def differing(met: Mapping[Code, Met], codes: Codes, wish: Wish) -> list[tuple[Met, Meaning, Meaning]]:
    after = {**codes, **{c.code: c.now for c in wish.changes if c.now}}
    for change in wish.changes:
        if change.now is None:
            after.pop(change.code, None)
    return read_otherwise(met.values(), codes, after)


def preview_page(differ: Sequence[tuple[Met, Meaning, Meaning]], touched: Touched, wish: Wish, number: int) -> PreviewPage:
    fields = [(f"was-{name_of(c.code)}", value_of(c.was)) for c in wish.changes] + [(f"to-{name_of(c.code)}", value_of(c.now)) for c in wish.changes]
    return PreviewPage(preview_lead(touched), tuple(reading(*each, touched) for each in differ), tuple(fields), number)


def preview_lead(touched: Touched) -> str:
    if not touched.marks:
        return _("No record reads differently yet. It holds for the files to come.")
    marks = ngettext("%(n)s record would read differently", "%(n)s records would read differently", touched.marks) % {"n": f"{touched.marks:,}"}
    if touched.students is None:
        return _("%(records)s: too many to list by student here.") % {"records": marks}
    students = ngettext("on the page of %(n)s student", "on the pages of %(n)s students", touched.students) % {"n": f"{touched.students:,}"}
    return _("%(records)s, %(students)s.") % {"records": marks, "students": students}


def reading(met: Met, old: Meaning, new: Meaning, touched: Touched) -> Reading:
    """Returns one line of the preview. A student with two spellings of the code counts twice here. The total above counts each student once."""
    counts = [touched.by_spelling.get(spelling, (0, 0)) for spelling in met.spellings]
    marks, students = (sum(each) for each in zip(*counts, (0, 0), strict=True))
    is_told = touched.students is not None
    return Reading(
        title=title_of(met.as_sent),
        marks=records(marks if is_told else met.marks),
        students=(f"{students:,}", ngettext("student", "students", students)) if is_told else None,
        before=as_family_reads(old, begun()),
        after=as_family_reads(new, begun()),
    )
