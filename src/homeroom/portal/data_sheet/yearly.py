"""Two settings of portal.toml: the security contact, which is public, and the last yearly review, with its date and its signer (CISA K-12; K12 SIX)."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

CONTACT = "security_contact"  # an email and a phone
REVIEW = "yearly_review"
SIGNERS = ("chief-executive", "cto", "it", "support")  # the operator's leads. The public page names the role, and no one by name
ITEMS = ("factors", "updates", "restore", "drill")
EVERY = timedelta(days=365)
EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}\.[^@\s<>\".]{2,}")
PHONE = re.compile(r"[0-9()+./x -]{7,40}")


@dataclass(frozen=True, slots=True)
class SecurityContact:
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class YearlyReview:
    """`done` has the day on which each of ITEMS was checked or held. `name` is on no page."""

    signed_on: date
    role: str
    name: str
    done: Mapping[str, date]

    def is_overdue(self, today: date) -> bool:
        return today > self.due

    @property
    def due(self) -> date:
        return self.signed_on + EVERY

    def as_words(self) -> list[str]:
        return [self.signed_on.isoformat(), self.role, self.name, *(self.done[item].isoformat() for item in ITEMS)]


def contact_in(words: Mapping[str, Any]) -> SecurityContact | None:
    """Returns None if none is set, or if it isn't an email and a phone."""
    found = words.get(CONTACT)
    if not isinstance(found, list) or len(found) != 2 or not all(isinstance(each, str) and each.isprintable() for each in found):
        return None
    contact = SecurityContact(*found)
    return contact if EMAIL.fullmatch(contact.email) and PHONE.fullmatch(contact.phone) else None


def review_in(words: Mapping[str, Any]) -> YearlyReview | None:
    """Returns None if none is recorded, or if it can't be read."""
    found = words.get(REVIEW)
    if not isinstance(found, list) or len(found) != 3 + len(ITEMS) or not all(isinstance(each, str) for each in found):
        return None
    signed, role, name, *days = found
    try:
        review = YearlyReview(date.fromisoformat(signed), role, name, dict(zip(ITEMS, map(date.fromisoformat, days), strict=True)))
    except ValueError:
        return None
    return review if role in SIGNERS else None


def settings_in(folder: Path) -> tuple[SecurityContact | None, YearlyReview | None]:
    """Reads both from portal.toml now."""
    try:
        words = tomllib.loads((folder / "portal.toml").read_text())
    except (OSError, ValueError):
        return None, None
    return contact_in(words), review_in(words)
