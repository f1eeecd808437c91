"""The yearly review and the security contact: what the commands keep, and what the doctor says."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.results import Result, note_result
from homeroom.ops.doctor import yearly
from homeroom.ops.host import mounts
from homeroom.ops.host.installation import Installation
from homeroom.ops.incident import drills
from homeroom.ops.incident.recording import Who
from homeroom.ops.incident.tests.hosted import Host, hosted
from homeroom.portal.place import Place

NOW = datetime.now(UTC)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands for the access log."""
    lines: list[str] = []

    class Connection:
        def execute(self, _statement: str, values: list[str]) -> None:
            lines.extend(values)

    @contextmanager
    def owner(_portal: Path) -> Any:
        yield Connection()

    monkeypatch.setattr(yearly, "owner", owner)
    return lines


def states(folder: Path, slug: str = "lincoln") -> dict[str, str]:
    return {each.what.partition(": ")[2]: each.state for each in yearly.yearly(folder / "portals" / slug)}


def today(folder: Path) -> date:
    return datetime.now(Place.read(folder / "portals" / "lincoln").zone).date()


def test_the_doctor_warns_until_both_are_there_and_again_after_a_year(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "open_way", lambda _folder: None)  # it would change the mounts of this worker
    host = Host(hosted(tmp_path))
    assert states(tmp_path) == {"security contact": "warn", "yearly review": "warn"}
    host.run("security-contact", "lincoln", "--email", "security@lincoln.example", "--phone", "(555) 010-0132", noun="portal")
    day = str(today(tmp_path) - timedelta(days=1))
    host.run("review", "lincoln", "--role", "it", "--name", "Ada Okafor", "--factors", day, "--updates", day, "--restore", day, "--drill", day, noun="portal")
    assert states(tmp_path) == {"security contact": "ok", "yearly review": "ok"} and states(tmp_path, "harbor")["yearly review"] == "warn"
    assert len(told) == 1 and told[0].startswith("it, Ada Okafor; factors ")
    path = tmp_path / "portals" / "lincoln" / "portal.toml"
    path.write_text(path.read_text().replace(str(today(tmp_path)), str(today(tmp_path) - timedelta(days=366))))
    assert states(tmp_path)["yearly review"] == "bad"


def test_days_of_the_restore_and_the_drill_come_from_this_computers_records(tmp_path: Path, told: list[str]) -> None:
    installation = Installation(hosted(tmp_path))
    days = {"factors": today(tmp_path), "updates": today(tmp_path)}
    with pytest.raises(NotDone, match="No tested restore"):
        yearly.sign(installation, "lincoln", "it", "Ada Okafor", days)
    note_result(tmp_path / "portals" / "lincoln", Result(1, NOW.isoformat(), True, "1 row", "store"))
    with pytest.raises(NotDone, match="No complete drill"):
        yearly.sign(installation, "lincoln", "it", "Ada Okafor", days)
    who = Who("ada", "root")
    drills.end(tmp_path, who, drills.begin(tmp_path, who), drills.STEPS)
    review = yearly.sign(installation, "lincoln", "it", "Ada Okafor", days)
    assert review.done["restore"] == review.done["drill"] == today(tmp_path)
    assert yearly.reviewed(tmp_path / "portals" / "lincoln") == review


@pytest.mark.parametrize("day", [timedelta(days=366), timedelta(days=-2)])
def test_a_day_of_long_ago_or_to_come_records_nothing(tmp_path: Path, told: list[str], day: timedelta) -> None:
    installation = Installation(hosted(tmp_path))
    right = today(tmp_path)
    days = {"factors": right, "updates": right - day, "restore": right, "drill": right}
    with pytest.raises(NotDone, match="updates must be in the last 365 days"):
        yearly.sign(installation, "lincoln", "it", "Ada Okafor", days)
    assert yearly.reviewed(tmp_path / "portals" / "lincoln") is None and told == []


def test_a_review_without_a_signer_records_nothing(tmp_path: Path, told: list[str]) -> None:
    installation = Installation(hosted(tmp_path))
    days = dict.fromkeys(("factors", "updates", "restore", "drill"), today(tmp_path))
    with pytest.raises(NotDone, match="signer's name"):
        yearly.sign(installation, "lincoln", "it", " ", days)


def test_an_odd_contact_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    host = Host(hosted(tmp_path))
    good = ("--email", "security@lincoln.example", "--phone", "(555) 010-0132")
    host.run("security-contact", "lincoln", *good, noun="portal")
    before = (tmp_path / "portals" / "lincoln" / "portal.toml").read_text()
    with pytest.raises(NotDone):
        host.run("security-contact", "lincoln", "--email", "nowhere", noun="portal")
    assert (tmp_path / "portals" / "lincoln" / "portal.toml").read_text() == before
    assert host.told("security-contact", "lincoln", noun="portal")["contact"] == {"email": "security@lincoln.example", "phone": "(555) 010-0132"}
