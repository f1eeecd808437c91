"""Carl on the page of attendance codes: what he posts, what he reads, and what is kept."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from django.utils import timezone

from homeroom.portal.attendance.codes import name_of
from tests.browser import Browser, Page, classes, words_of
from tests.cast import Writer
from tests.school import School, proof_of

PLACE = "/settings/attendance-codes"
ABSENT, EXCUSED, LATE = "2-0", "2-1", "3-0"


def today() -> Any:
    return timezone.localdate()


def mark(school: School, student: str, status: str, excuse_code: str = "", days: int = 0) -> None:
    with school.connect("owner") as owner:
        Writer(owner).row("attendance_mark", id=uuid.uuid4(), student_id=school.ids[student], day=today() - timedelta(days), status=status,
                          excuse_code=excuse_code, school_id=school.ids["elementary" if student == "leo" else "middle"])  # fmt: skip


def carl(path: str = PLACE, language: str = "en") -> Page:
    return Browser("carl", "staff", language).open(path)


def said(wishes: dict[tuple[str, str], tuple[str, str]]) -> dict[str, str]:
    """Returns the form's fields. `wishes` maps a code to the value shown and the value chosen."""
    return {f"{word}-{name_of(code)}": value for code, pair in wishes.items() for word, value in zip(("was", "to"), pair, strict=True)}


def preview(wishes: dict[tuple[str, str], tuple[str, str]]) -> Page:
    return Browser("carl", "staff").post(f"{PLACE}/preview", said(wishes))


def keep(wishes: dict[tuple[str, str], tuple[str, str]]) -> Page:
    return Browser("carl", "staff").post(f"{PLACE}/meanings", said(wishes))


def settings_of(school: School) -> dict[tuple[str, str], tuple[int, int]]:
    with school.connect("owner") as owner:
        rows = owner.execute("SELECT status, excuse_code, presence, excuse FROM attendance_code").fetchall()
    return {(status, excuse_code): (presence, excuse) for status, excuse_code, presence, excuse in rows}


def codes_on(page: Page) -> list[str]:
    rows = [row for row in page.find("tr") if row.find(".//*[@name]") is not None]
    return [" ".join("".join(bdi.itertext()) for bdi in row.iter() if bdi.tag.endswith("bdi")) for row in rows]


def letters_of(school: School, student: str, parent: str) -> list[str]:
    """Returns the letter of each line: A absent, E excused, T late, L left early, R recorded with a code without a meaning."""
    page = Browser(parent, "family").open(f"/children/{school.uuid(student)}/attendance")
    return [words_of(span) for span in page.find("span") if "row-letter" in classes(span)]


def attendance_of(school: School, student: str, parent: str) -> str:
    return Browser(parent, "family").open(f"/children/{school.uuid(student)}/attendance").words


@contextmanager
def as_carl(school: School) -> Iterator[psycopg.Connection[Any]]:
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        yield app
