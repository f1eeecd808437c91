"""The data sheet as a tagged PDF, in English, for the district's lawyer. It names no administrator."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from homeroom.portal.data_sheet.proving import Claimed, Line, shipped
from homeroom.portal.data_sheet.sheet import DataSheet
from homeroom.portal.data_sheet.words import none_said, overdue_said, review_said, signed_said
from homeroom.portal.letters.press import printed
from homeroom.portal.wording import dates

LANGUAGE = "en"


def printed_sheet(sheet: DataSheet) -> bytes:
    """The caller made the sheet in LANGUAGE. Raises Unprintable."""
    with override(LANGUAGE):
        return printed("data_sheet.typ", as_words(sheet))


def as_words(sheet: DataSheet) -> dict[str, Any]:
    return {
        "lang": LANGUAGE, "district": sheet.district, "address": sheet.address, "version": sheet.version, "date": dates.dated_day(sheet.made_on),
        "contact": [sheet.contact.email, sheet.contact.phone] if sheet.contact else [],
        "review": _review(sheet),
        "parts": [{"title": part.title, "intro": part.intro, "lines": [_line(line) for line in part.lines]} for part in sheet.parts],
        "acts": [[act.what, act.who] for act in sheet.acts],
        "rows": [[row.category, row.kind, _("Yes") if row.is_held else _("No"), ", ".join(row.tables)] for row in sheet.rows],
        "tables": [
            {"name": name, "source": table["source"], "seen_by": table["seen_by"], "kept": table["kept"],
             "columns": [[column, what] for column, what in table["columns"].items()]}
            for name, table in sorted(shipped().tables.items())
        ],
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    if isinstance(line, Claimed):
        return {"says": line.says, "law": line.law, "proofs": list(line.proofs), "is_claimed": True}
    return {"says": line.says, "law": line.law, "proofs": [], "is_claimed": False}


def _review(sheet: DataSheet) -> dict[str, Any]:
    if sheet.review is None:
        return {"says": none_said(), "items": [], "is_overdue": True}
    says = f"{signed_said(sheet.review)} {overdue_said()}" if sheet.is_overdue else signed_said(sheet.review)
    return {"says": says, "items": [list(item) for item in review_said(sheet.review)], "is_overdue": sheet.is_overdue}
