"""`homeroom doctor` reports a changed diary, a passed deadline, people who aren't named, and a lapse of drills."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from homeroom.ops.doctor.examination import examine
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation
from homeroom.ops.incident import drills
from homeroom.ops.incident.findings import incidents, practiced
from homeroom.ops.incident.journal import DRILLS, Journal
from homeroom.ops.incident.recording import Who
from homeroom.ops.incident.tests.hosted import Host, hosted

ADA = Who("ada", "root")


def states(folder: Path) -> dict[str, str]:
    return {each.what: each.state for each in incidents(folder)}


def test_each_lead_and_contact_who_is_not_named_is_a_line(tmp_path: Path) -> None:
    host = Host(hosted(tmp_path))
    assert states(tmp_path) == dict.fromkeys(
        ("incidents: chief executive", "incidents: CTO", "incidents: IT lead", "incidents: support lead", "lincoln: contact for incidents",
         "harbor: contact for incidents", "incidents: drills"), "warn")  # fmt: skip
    person = ("--name", "Ada Okafor", "--phone", "(555) 010-0140", "--email", "ada@example.org")
    host.run("lead", "cto", *person)
    host.run("contact", "harbor", *person, noun="portal")
    assert not {"incidents: CTO", "harbor: contact for incidents"} & set(states(tmp_path))
    assert {"incidents: CTO", "incidents: drills"} & {each.what for each in examine(Installation(tmp_path))} == {"incidents: drills"}


def test_a_passed_deadline_and_a_changed_diary_are_wrong(tmp_path: Path) -> None:
    host = Host(hosted(tmp_path))
    host.run("declare", "--title", "New", "--words", "x")
    assert (states(tmp_path)["incidents: diary"], states(tmp_path)["incident 1"]) == ("ok", "warn")
    host.run("declare", "--title", "Old", "--words", "x", "--discovered", (datetime.now(UTC) - timedelta(hours=25)).isoformat())
    assert states(tmp_path)["incident 2"] == "bad"
    host.run("close", "2", "--words", "Reviewed.", "--with-open-deadlines")
    assert "incident 2" not in states(tmp_path)
    file = tmp_path / "incidents" / "diary.jsonl"
    file.write_text(file.read_text().replace("Old", "New"))
    assert states(tmp_path)["incidents: diary"] == "bad"
    (tmp_path / "incidents").chmod(0o755)
    assert {each.state for each in incidents(tmp_path) if "can open" in each.told} == {"bad"}


def at(folder: Path, now: datetime) -> Finding:
    return practiced(Journal(folder, DRILLS), now)


def test_a_drill_is_due_half_a_year_after_the_last_complete_one(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    drills.begin(tmp_path, ADA)
    assert at(tmp_path, now).state == "warn", "it was interrupted"
    drills.end(tmp_path, ADA, drills.begin(tmp_path, ADA), ("declared", "counted"))
    assert at(tmp_path, now).state == "warn", "no letter was released"
    drills.end(tmp_path, ADA, drills.begin(tmp_path, ADA), drills.STEPS)
    held = drills.drills_in(Journal(tmp_path, DRILLS).read().lines)
    assert [each.outcome for each in held] == ["interrupted", "not complete: released, closed missing", "complete"]
    ended = held[-1].ended
    assert ended and at(tmp_path, ended + timedelta(days=184)).state == "ok" and at(tmp_path, ended + timedelta(days=184, seconds=1)).state == "warn"


def test_a_demonstration_needs_no_leads_and_no_drills(tmp_path: Path) -> None:
    file = hosted(tmp_path) / "homeroom.toml"
    file.write_text(file.read_text().replace("demo = false", "demo = true"))
    assert states(tmp_path) == {}
