"""The data sheet: every claim has its proof, and one without a proof stops the sheet."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils.translation import override

from homeroom.portal.access.policy import Risk, acts
from homeroom.portal.data_sheet import exhibit_b, proving, sheet
from homeroom.portal.data_sheet.live import CHOICES, read_now, shown_store
from homeroom.portal.data_sheet.printing import as_words
from homeroom.portal.data_sheet.proving import Claimed, Lacking, Shipped, Unproven, shipped
from homeroom.portal.data_sheet.sheet import DataSheet, data_sheet, parts_of
from homeroom.portal.place import Place

CHOSEN = {
    "teachers_see_school": "false", "registering": "approve first", "registering_students": "closed", "code_approves": "false",
    "letters_by_child": "false", "tutors": "off", "preferred_names": "off", "leaving_days": "60",
}  # fmt: skip
TODAY = date(2027, 3, 1)
BASE = """slug = "lincoln"
name = "Lincoln Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "portal.lincoln.example"
port = 8000
inbox_port = 8400
database = "postgresql:///homeroom?host=/run/lincoln"
secure = true
"""
CONTACT = 'security_contact = ["security@lincoln.example", "(555) 010-0132"]\n'
REVIEW = 'yearly_review = ["2026-12-01", "it", "Ada Okafor", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]\n'
OUTSIDE = 'events_syslog = "siem.example.org:6514"\ntrusted_proxy = ["127.0.0.1", "203.0.113.9"]\n'
RELAY = '[mail]\nrelay = "smtp.mailer.example:587"\nfrom = "homeroom@lincoln.example"\n'
STORES = 'store = "/srv/store"\narchive = "/srv/archive"\noffsite = "s3://AKIA:secret@lincoln-offsite/backups?x=1"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "portal.toml").write_text(BASE + CONTACT + REVIEW)
    return tmp_path


def made(folder: Path, *, is_public: bool = True, today: date = TODAY, **choices: str) -> DataSheet:
    with override("en"):
        return data_sheet(Place.read(folder), {**CHOSEN, **choices}, today, is_public=is_public)


def said(made_sheet: DataSheet, part: str) -> list[str]:
    return [line.says for each in made_sheet.parts if each.name == part for line in each.lines]


def test_every_claim_has_a_proof_and_a_limit_has_none(folder: Path) -> None:
    lines = [line for part in made(folder).parts for line in part.lines]
    claims = [line for line in lines if isinstance(line, Claimed)]
    assert len(claims) > 55 and all(claim.proofs for claim in claims)
    assert len([line for line in lines if isinstance(line, Lacking)]) > 15


def test_a_claim_whose_test_is_gone_stops_the_sheet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes away each test in turn."""
    known = shipped()
    read = read_now(Place.read(folder), CHOSEN) | {"backups": "set up"}
    parts = parts_of(read, is_public=True)
    used = {test for part in parts for line in part.lines if isinstance(line, Claimed) for test in line.tests}
    assert used == known.tests, "a test that is shipped and proves nothing"
    for test in used:
        with pytest.raises(Unproven, match=test.partition("::")[2]):
            proving.check(parts, read, replace(known, tests=known.tests - {test}))
    monkeypatch.setattr(sheet, "shipped", lambda: replace(known, tests=frozenset()))
    with pytest.raises(Unproven):
        made(folder)


def test_a_claim_whose_setting_cannot_be_read_stops_the_sheet(folder: Path) -> None:
    for missing in CHOICES:
        with pytest.raises(Unproven, match=missing), override("en"):
            data_sheet(Place.read(folder), {name: value for name, value in CHOSEN.items() if name != missing}, TODAY, is_public=True)
    (folder / "backup.toml").write_text("not TOML")
    with pytest.raises(Unproven, match="backup stores"):
        made(folder)


def test_a_page_that_may_load_from_elsewhere_stops_the_sheet(folder: Path) -> None:
    policy = {**settings.SECURE_CSP, "script-src": ["'self'", "https://cdn.example"]}
    with override_settings(SECURE_CSP=policy), pytest.raises(Unproven, match="no other origin"):
        made(folder)


def test_a_claim_without_any_proof_stops_the_sheet() -> None:
    with pytest.raises(Unproven, match="has no proof: All is well"):
        proving.check_one(Claimed("All is well.", ()), {}, shipped())


def test_the_table_of_data_has_each_table_of_the_inventory_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    known = shipped()
    exhibit_b.check_columns(known)
    more = replace(known, tables={**known.tables, "lunch": {"columns": {"debt": "what is owed"}}})
    with pytest.raises(Unproven, match="leaves out: lunch"):
        exhibit_b.check_columns(more)
    for gone in ("contact_detail", "majority"):
        with pytest.raises(Unproven, match=gone):
            exhibit_b.check_columns(Shipped(known.tests, {name: table for name, table in known.tables.items() if name != gone}, {}))


def test_a_portal_without_receivers_says_so(folder: Path) -> None:
    (first, _limit) = said(made(folder), "receivers")
    assert first.startswith("No other company")


def test_receivers_come_from_the_settings_of_now_and_the_public_page_hides_where_servers_are(folder: Path) -> None:
    (folder / "portal.toml").write_text(BASE.replace("?host=/run/lincoln", "").replace(":///", "://db.lincoln.example/") + OUTSIDE + RELAY)
    (folder / "backup.toml").write_text(STORES)
    public, office = (said(made(folder, is_public=is_public), "receivers") for is_public in (True, False))
    assert len(public) == len(office) == 6
    assert [line for line in public if "smtp.mailer.example" in line] and not [line for line in public if "siem" in line or "203.0" in line or "s3:" in line]
    whole = " ".join(office)
    for value in ("smtp.mailer.example", "siem.example.org:6514", "203.0.113.9", "db.lincoln.example", "s3://lincoln-offsite/backups"):
        assert value in whole
    assert "127.0.0.1" not in whole and "secret" not in whole and "AKIA" not in whole


@pytest.mark.parametrize(("url", "shown"), [("/a/folder", "a folder"), ("file:///a", "a folder"), ("s3://u:p@bucket/x?k=v", "s3://bucket/x")])
def test_a_stores_address_has_no_secret(url: str, shown: str) -> None:
    assert shown_store(url) == shown


def test_a_choice_of_the_district_changes_what_is_said(folder: Path) -> None:
    own, wide = made(folder), made(folder, teachers_see_school="true", tutors="on", leaving_days="90")
    assert said(own, "compared")[0].startswith("Tighter") and said(wide, "compared")[0].startswith("As wide")
    assert [line for line in said(wide, "retention") if "90 days" in line]
    assert said(own, "who") != said(wide, "who")


def test_without_tls_or_backups_nothing_is_claimed_about_them(folder: Path) -> None:
    (folder / "portal.toml").write_text(BASE.replace("secure = true", ""))
    limits = [line.says for part in made(folder).parts for line in part.lines if isinstance(line, Lacking)]
    assert [line for line in limits if "no TLS" in line] and [line for line in limits if "no backups" in line]


def test_the_review_has_a_date_and_a_signer_by_role_and_is_overdue_after_a_year(folder: Path) -> None:
    now, later = made(folder), made(folder, today=date(2027, 12, 2))
    assert (now.is_overdue, later.is_overdue, made(folder, today=date(2027, 12, 1)).is_overdue) == (False, True, False)
    words = as_words(later)
    assert "IT lead" in words["review"]["says"] and "overdue" in words["review"]["says"] and len(words["review"]["items"]) == 4
    assert "Okafor" not in str(words)


@pytest.mark.parametrize("odd", ['["2026-12-01"]', '"x"', '["x", "it", "A", "x", "x", "x", "x"]', str(["2026-12-01", "boss", "A", *["2026-12-01"] * 4])])
def test_a_review_that_cannot_be_read_is_none(folder: Path, odd: str) -> None:
    (folder / "portal.toml").write_text(f"yearly_review = {odd}\n{BASE}")
    assert made(folder).review is None


@pytest.mark.parametrize("odd", ['["a@b.example"]', '["no mail", "(555) 010-0132"]', '["a@b.example", "call me"]', "7"])
def test_a_security_contact_that_is_no_email_and_phone_is_none(folder: Path, odd: str) -> None:
    (folder / "portal.toml").write_text(f"security_contact = {odd}\n{BASE}")
    assert made(folder).contact is None


def test_every_act_that_opens_records_is_in_it(folder: Path) -> None:
    assert len(made(folder).acts) == len([act for act in acts() if act.risk is Risk.RECORD]) > 20


def test_the_settings_for_tests_have_no_other_origin() -> None:
    assert "no other origin" in read_now(settings.PLACE, CHOSEN)
