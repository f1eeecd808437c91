"""Tests when a backup is due, where it goes, and which number it has. Each odd file gives one sentence."""

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from homeroom.ops import up as starting
from homeroom.ops.answers import NotDone
from homeroom.ops.backup import keeper as keeping
from homeroom.ops.backup.findings import recent
from homeroom.ops.backup.keeper import Keeper
from homeroom.ops.backup.plan import DAILY, Plan, State, Vault, checked_schedule, last_due, vault_of
from homeroom.ops.backup.results import MOST, Result, note_result, results
from homeroom.ops.backup.tests.keeping import a_killed_carrier, a_lie, kept, one_round, two_rounds
from homeroom.ops.doctor.examination import examine
from homeroom.ops.host.installation import HALF_MADE, Installation
from homeroom.portal.place import Place

LA = ZoneInfo("America/Los_Angeles")
TIERS = 'store = "{0}/store"\narchive = "{0}/archive"\noffsite = "{0}/offsite"\n'


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """The parts of a portal's folder that the keeper reads."""
    (tmp_path / "homeroom.toml").write_text("demo = false\n")
    made = tmp_path / "portals" / "lincoln"
    (made / "notes").mkdir(parents=True)
    (made / "secrets").mkdir()
    words = 'slug = "lincoln"\nname = "Lincoln"\ntime_zone = "America/Los_Angeles"\nphone = "1"\nhost = "h"\nport = 1\ninbox_port = 2\ndatabase = "postgresql:///x"\n'
    (made / "portal.toml").write_text(words)
    (made / "backup.toml").write_text(TIERS.format(tmp_path))
    return made


def test_a_plan_says_when_and_where(portal: Path) -> None:
    plan = Plan.read(portal)
    assert plan.schedule == DAILY and plan.urls["archive"].endswith("/archive")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("store = ", "cannot be read as TOML"),
        ("", "must say store"),
        ('store = "/a"\narchive = 3\noffsite = "/c"\n', "must say archive"),
        ('store = "/a"\narchive = "b"\noffsite = "/c"\n', "is no store"),
        ('store = "/a"\narchive = "https://b"\noffsite = "/c"\n', "is no store"),
        ('schedule = "at night"\nstore = "/a"\narchive = "/b"\noffsite = "/c"\n', "is no schedule"),
        ('schedule = "61 1 * * *"\nstore = "/a"\narchive = "/b"\noffsite = "/c"\n', "is no schedule"),
        ("schedule = 7\n", "is no schedule"),
    ],
)
def test_an_odd_plan_is_one_sentence(portal: Path, content: str, told: str) -> None:
    (portal / "backup.toml").write_text(content)
    with pytest.raises(NotDone, match=told) as no:
        Plan.read(portal)
    assert "\n" not in str(no.value)


def test_no_plan_is_one_sentence(portal: Path) -> None:
    (portal / "backup.toml").unlink()
    with pytest.raises(NotDone, match="homeroom backup set-up lincoln"):
        Plan.read(portal)


def test_odd_credentials_are_one_sentence_and_quote_none_of_them(portal: Path) -> None:
    (portal / "secrets" / "store-add.toml").write_text('secret_access_key = "canary\n')
    with pytest.raises(NotDone, match="cannot be read as TOML") as no:
        Plan.read(portal).store_to_add()
    assert "canary" not in str(no.value)


@pytest.mark.parametrize("line", ['signers = ["zz"]', "signers = 3", "", 'signers = ["00"]\ncontract_ended = "30.6.2027"'])
def test_an_odd_vault_is_one_sentence(tmp_path: Path, line: str) -> None:
    (tmp_path / "vault" / "lincoln").mkdir(parents=True)
    (tmp_path / "vault" / "lincoln" / "vault.toml").write_text(f"{line}\n{TIERS.format(tmp_path)}")
    with pytest.raises(NotDone, match="must say signers"):
        Vault.read(tmp_path / "vault" / "lincoln")


def test_a_host_that_is_no_vault_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotDone, match="is no vault of 'lincoln'"):
        vault_of(tmp_path, "lincoln")


def test_a_vault_reads_a_contracts_end(tmp_path: Path) -> None:
    folder = tmp_path / "vault" / "lincoln"
    folder.mkdir(parents=True)
    (folder / "vault.toml").write_text(f'signers = ["{"00" * 32}"]\ncontract_ended = 2027-06-30\n{TIERS.format(tmp_path)}')
    found = Vault.read(folder)
    assert str(found.contract_ended) == "2027-06-30" and [tier.name for tier in found.tiers()] == ["store", "archive", "offsite"]


@pytest.mark.parametrize("words", ["15 1 * * *", "0 1,13 * * *", "*/30 * * * *"])
def test_a_schedule_of_five_words_is_one(words: str) -> None:
    assert checked_schedule(words) == words


@pytest.mark.parametrize("schedule", ["15 1 * * *", "30 2 * * *", "0 0 * * *"])
@pytest.mark.parametrize("around", [datetime(2026, 11, 1, tzinfo=LA), datetime(2027, 3, 14, tzinfo=LA)])
def test_every_night_has_its_moment_where_clocks_change(schedule: str, around: datetime) -> None:
    """A quarter past one comes twice on one night, and half past two not at all on another. No night is left out, and none has three backups."""
    start, found = around.astimezone(UTC) - timedelta(days=2), set()
    for minutes in range(0, 5 * 24 * 60, 10):
        now = start + timedelta(minutes=minutes)
        due = last_due(schedule, LA, now)
        assert due <= now and now - due <= timedelta(hours=25, minutes=10)
        found.add(due)
    nights = [due.astimezone(LA).date() for due in sorted(found)]
    assert set(nights) >= {around.date() + timedelta(days=by) for by in (-1, 0, 1)}
    assert len(found) <= len(set(nights)) + 1


def test_a_second_run_on_a_day_is_no_night_more() -> None:
    state = State(number=4, night=3, day="2026-11-26")
    assert state.night_of(datetime(2026, 11, 27, 7, 59, tzinfo=UTC), LA) == (3, "2026-11-26"), "before midnight in the district"
    assert state.night_of(datetime(2026, 11, 27, 9, 15, tzinfo=UTC), LA) == (4, "2026-11-27")
    assert State().night_of(datetime(2026, 11, 27, 9, 15, tzinfo=UTC), LA)[0] == 1


def test_a_state_is_remembered_and_a_spoiled_one_is_one_sentence(portal: Path) -> None:
    (portal / "backup").mkdir()
    state = State(3, 2, "2026-11-26", "ab", "2026-11-26T09:15:00+00:00")
    state.write(portal)
    assert State.read(portal) == state
    for spoiled in ("{", '{"what": 1}', "[1]", "3"):
        (portal / "backup" / "state.json").write_text(spoiled)
        with pytest.raises(NotDone, match="is spoiled"):
            State.read(portal)


def test_results_are_kept_newest_last_and_not_for_ever(portal: Path) -> None:
    for number in range(MOST + 3):
        if number in (0, MOST + 1, MOST + 2):
            note_result(portal, Result.failed(number, NotDone("The store is full.")))
        elif number == 1:
            path = portal / "backup" / "results.json"
            path.write_text(json.dumps(json.loads(path.read_text()) * MOST))
    found = results(portal)
    assert len(found) == MOST and found[-1].number == MOST + 2
    assert found[-1].told == "The store is full." and not found[-1].is_well


def test_the_result_of_a_fault_of_ours_quotes_no_value(portal: Path) -> None:
    try:
        raise KeyError("Nina Canary")
    except KeyError as trouble:
        note_result(portal, Result.failed(1, trouble))
    assert "Canary" not in (portal / "backup" / "results.json").read_text()


@pytest.fixture
def keeper(portal: Path) -> Keeper:
    return Keeper(Installation.at(portal.parents[1]), str)


def finished(portal: Path, at: datetime) -> None:
    (portal / "backup").mkdir(exist_ok=True)
    replace(State.read(portal), at=at.isoformat()).write(portal)


def test_a_backup_is_due_once_its_moment_has_passed_since_the_last_good_one(portal: Path, keeper: Keeper) -> None:
    finished(portal, datetime.now(UTC) - timedelta(hours=26))
    assert keeper.is_due(portal)
    finished(portal, datetime.now(UTC))
    assert not keeper.is_due(portal)


def test_one_that_failed_waits_half_an_hour(portal: Path, keeper: Keeper) -> None:
    finished(portal, datetime.now(UTC) - timedelta(hours=26))
    note_result(portal, Result.failed(1, NotDone("The store is full.")))
    assert not keeper.is_due(portal)
    path = portal / "backup" / "results.json"
    path.write_text(json.dumps([{**json.loads(path.read_text())[0], "at": (datetime.now(UTC) - timedelta(minutes=31)).isoformat()}]))
    assert keeper.is_due(portal)
    keeper.failed["harbor"] = keeping.time.monotonic()
    assert keeper.is_due(portal), "another portal's failure is its own"
    keeper.failed["lincoln"] = keeping.time.monotonic()
    assert not keeper.is_due(portal), "one that was killed left no result"


def test_a_clock_that_ran_ahead_and_was_set_right_stops_no_backup(portal: Path, keeper: Keeper) -> None:
    year = datetime.now(UTC) + timedelta(days=365)
    finished(portal, year)
    assert keeper.is_due(portal), "its last moment is still to come, and proves nothing"
    note_result(portal, Result.failed(1, NotDone("The store is full.")))
    path = portal / "backup" / "results.json"
    path.write_text(json.dumps([{**json.loads(path.read_text())[0], "at": year.isoformat()}]))
    assert keeper.is_due(portal), "nor does a failure of next year"
    path.write_text(json.dumps([{**json.loads(path.read_text())[0], "is_well": True}]))
    assert recent(portal, Plan.read(portal), Place.read(portal)).state == "bad"
    finished(portal, datetime.now(UTC) + timedelta(minutes=3))
    assert not keeper.is_due(portal), "a clock that was set back by seconds, as each night, is no reason"


def test_another_restore_key_makes_a_backup_due_right_away(portal: Path, keeper: Keeper) -> None:
    """Everything sealed from then on opens only with the new sheets, and a restore has one key."""
    (portal / "cert").mkdir()
    key = portal / "cert" / "restore.pub"
    key.write_text("the first one")
    finished(portal, datetime.now(UTC) + timedelta(seconds=1))
    assert not keeper.is_due(portal)
    ago = datetime.now(UTC) - timedelta(seconds=30)
    finished(portal, ago)
    os.utime(key, (ago.timestamp() - 60,) * 2)
    is_due_by_its_moment = last_due(DAILY, LA, datetime.now(UTC)) > ago
    assert keeper.is_due(portal) == is_due_by_its_moment
    key.write_text("another")
    assert keeper.is_due(portal)


def test_one_portals_trouble_keeps_no_other_from_its_backup(portal: Path) -> None:
    """A spoiled state file, a portal that a restore left half made, and a spoiled vault.toml are each reported, and the round continues."""
    folder = portal.parents[1]
    others = {name: folder / "portals" / name for name in ("aaa", "half")}
    for name, other in others.items():
        shutil.copytree(portal, other)
        (other / "portal.toml").write_text((portal / "portal.toml").read_text().replace('"lincoln"', f'"{name}"'))
    (others["aaa"] / "backup").mkdir()
    (others["aaa"] / "backup" / "state.json").write_text("{")
    (others["half"] / HALF_MADE).touch()
    (others["half"] / "notes" / "ef56").write_bytes(b"sealed")
    for name in ("aaa", "lincoln"):
        (folder / "vault" / name).mkdir(parents=True)
    (folder / "vault" / "aaa" / "vault.toml").write_text("signers = 3\n")
    (folder / "vault" / "lincoln" / "vault.toml").write_text(f'signers = ["{"00" * 32}"]\n{TIERS.format(folder)}')
    (portal / "notes" / "ab12").write_bytes(b"sealed")
    finished(portal, datetime.now(UTC) - timedelta(hours=26))
    told = kept(one_round, folder)
    assert [line for line in told if line.startswith("aaa: schedule") and "is spoiled" in line] and [line for line in told if line.startswith("aaa: copies")]
    assert [line for line in told if line.startswith("lincoln: ") and line.endswith(" due")] and not [line for line in told if line.startswith("half")]
    assert (folder / "offsite" / "lincoln" / "notes" / "ab12").exists() and (others["half"] / "notes" / "ef56").exists()


def test_a_half_made_portal_does_not_run_and_keeps_no_other_from_running(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half = portal.with_name("half")
    shutil.copytree(portal, half)
    (half / HALF_MADE).touch()
    started: list[str] = []
    monkeypatch.setattr(starting, "check_release", lambda _: None)
    monkeypatch.setattr(starting, "supervise", lambda parts, *_: started.extend(part.name for part in parts))
    told: list[str] = []
    starting.up(Installation.at(portal.parents[1]), told.append)
    assert started == ["lincoln", "backups"] and "`homeroom restore half`" in told[0]
    (portal / HALF_MADE).touch()
    with pytest.raises(NotDone, match="Run `homeroom restore half` again"):
        starting.up(Installation.at(portal.parents[1]), told.append)
    assert [finding.state for finding in examine(Installation.at(portal.parents[1])) if finding.what in ("half", "lincoln")] == ["bad", "bad"]


def test_notes_reach_the_store_once_and_only_then_leave_the_disk(portal: Path) -> None:
    (portal / "notes" / "ab12").write_bytes(b"sealed")
    (portal / "notes" / "cd34.new").write_bytes(b"half written")
    kept(a_killed_carrier, portal.parents[1])
    assert (portal / "notes" / "ab12").exists()
    (portal / "notes" / "ab12").write_bytes(b"sealed otherwise")
    finished(portal, datetime.now(UTC))
    kept(two_rounds, portal.parents[1])
    assert (portal.parents[1] / "store" / "lincoln" / "notes" / "ab12").read_bytes() == b"sealed"
    assert [path.name for path in (portal / "notes").iterdir()] == ["cd34.new"]


def test_root_removes_no_path_that_the_carrying_process_makes_up(portal: Path) -> None:
    (portal / "notes" / "ab12").write_bytes(b"sealed")
    kept(a_lie, portal.parents[1])
    assert (portal / "portal.toml").exists() and not (portal / "notes" / "ab12").exists()


def test_notes_stay_on_disk_and_one_message_appears_while_the_store_is_away(portal: Path) -> None:
    finished(portal, datetime.now(UTC))
    (portal / "notes" / "ab12").write_bytes(b"sealed")
    (portal.parents[1] / "store").write_text("a file in the store's place")
    (told,) = kept(two_rounds, portal.parents[1])
    assert "cannot be made" in told and (portal / "notes" / "ab12").exists()
    (portal.parents[1] / "store").unlink()
    kept(two_rounds, portal.parents[1])
    assert not (portal / "notes" / "ab12").exists()
