"""Makes the data sheet: the parts with their proofs, the table of data, the acts, the review. Raises Unproven if one claim has no proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from homeroom.portal.audit.policy_pages import Doable, acts_listed
from homeroom.portal.data_sheet import claims_law, claims_scope, claims_security
from homeroom.portal.data_sheet.exhibit_b import DataRow, check_columns, data_rows
from homeroom.portal.data_sheet.live import SheetPlace, read_now
from homeroom.portal.data_sheet.proving import SheetPart, check, shipped
from homeroom.portal.data_sheet.yearly import SecurityContact, YearlyReview, settings_in


@dataclass(frozen=True, slots=True)
class DataSheet:
    """`acts` are those that open records. `contact` and `review` are None if they are not set."""

    district: str
    address: str
    version: str
    made_on: date
    parts: tuple[SheetPart, ...]
    rows: tuple[DataRow, ...]
    acts: tuple[Doable, ...]
    contact: SecurityContact | None
    review: YearlyReview | None

    @property
    def is_overdue(self) -> bool:
        return self.review is not None and self.review.is_overdue(self.made_on)


def data_sheet(place: SheetPlace, choices: Mapping[str, str], today: date, *, is_public: bool) -> DataSheet:
    """Raises Unproven."""
    read, known = read_now(place, choices), shipped()
    parts = parts_of(read, is_public=is_public)
    check(parts, read, known)
    check_columns(known)
    contact, review = settings_in(place.folder)
    acts = tuple(act for act in acts_listed() if act.opens)
    return DataSheet(place.name, place.address, read["version"], today, parts, tuple(data_rows()), acts, contact, review)


def parts_of(read: Mapping[str, str], *, is_public: bool) -> tuple[SheetPart, ...]:
    return (
        claims_law.promises(read),
        claims_scope.receivers(read, is_public=is_public),
        claims_scope.who(read),
        claims_scope.compared(read),
        claims_scope.retention(read),
        claims_law.ab_1584(read),
        claims_law.ferpa(read),
        claims_security.security(read),
        claims_scope.missing(read),
    )
