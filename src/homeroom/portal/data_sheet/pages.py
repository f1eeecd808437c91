"""Turns a data sheet into what its page shows."""

from dataclasses import dataclass
from itertools import groupby

from homeroom.portal.data_sheet.exhibit_b import DataRow
from homeroom.portal.data_sheet.sheet import DataSheet
from homeroom.portal.data_sheet.words import none_said, overdue_said, review_said, signed_said
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class SheetPage:
    """`data` has the rows of each category. `review` has each item with its day."""

    sheet: DataSheet
    made_on: str
    data: list[tuple[str, list[DataRow]]]
    review: list[tuple[str, str]]
    signed: str
    late: str


def sheet_page(sheet: DataSheet) -> SheetPage:
    return SheetPage(
        sheet, dates.dated_day(sheet.made_on), [(category, list(rows)) for category, rows in groupby(sheet.rows, lambda row: row.category)],
        review_said(sheet.review) if sheet.review else [], signed_said(sheet.review) if sheet.review else none_said(),
        overdue_said() if sheet.is_overdue else "",
    )  # fmt: skip
