"""docs/hosting.md says how much of the work that takes time is done at the same time. The numbers are those of the code."""

from pathlib import Path

from homeroom.portal.door import hash_places
from homeroom.portal.letters import press
from homeroom.portal.membership.codes.views import MOST_CARDS
from homeroom.portal.processes import crowd, front, logins, serve, uploads
from tests.school import School

PAGE = (Path(__file__).parents[2] / "docs/hosting.md").read_text().partition("**Work that takes time.**")[2].partition("\n**")[0]
ROWS = {row.split(" | ")[0].removeprefix("| "): row for row in PAGE.splitlines() if row.startswith("| ")}


def test_passwords_and_pages_wait_in_the_numbers_of_the_page() -> None:
    assert f"| {hash_places.TOGETHER}, and {hash_places.WAITING} wait |" in ROWS["checking a password (0.1 s, 19 MB)"]
    assert f"come back in {hash_places.SECONDS} seconds" in ROWS["checking a password (0.1 s, 19 MB)"]
    assert f"| {2 * serve.THREADS} of records, {serve.DOOR_THREADS} about signing in |" in ROWS["a page"]
    assert f"{crowd.AN_ADDRESS} connections, and a school's network {crowd.A_SCHOOL:,}" in ROWS["a page"]


def test_a_page_answers_before_the_front_stops_waiting(school: School) -> None:
    statement = int(logins.PATIENCE["app"]["statement_timeout"].removesuffix("s"))
    assert f"{front.ANSWER_PATIENCE.total} seconds for a page" in PAGE and f"ends after {statement} seconds" in PAGE
    assert statement < (front.ANSWER_PATIENCE.total or 0)
    with school.connect("owner") as owner:
        ended = dict(owner.execute("SELECT login, extract(epoch FROM one_statement)::int FROM limits_watched()").fetchall())
    assert f"{ended['door']} seconds about signing in, {ended['app']} elsewhere" in PAGE


def test_uploads_and_prints_have_the_limits_of_the_page() -> None:
    assert f"1 a person, {uploads.AT_ONCE} in all, 20 an hour" in ROWS["a sealed file from a browser (1 GiB)"]
    assert f"{MOST_CARDS} cards" in ROWS["letters, codes and cards as PDF"] and f"after {press.PATIENCE:.0f} seconds" in ROWS["letters, codes and cards as PDF"]
