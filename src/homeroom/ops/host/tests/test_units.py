"""systemd's units: complete, in order, refused if someone else's file is there, and removed again."""

import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.doctor.host import units as units_now
from homeroom.ops.host import units
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.sandbox import listed, word
from homeroom.ops.host.units import BACKUPS, GATEWAY, change
from homeroom.ops.host.units import installed as found
from homeroom.ops.portal.tests.test_moving import installed as installed

PARTS = ("door.service", "door.socket", "front.service", "front.socket", "inbox.service", "inbox.socket", "intake.service", "jobs.service")
PARTS += ("opener.service", "prepare.service", "sealer.service", "target", "web.service", "web.socket")
HARBOR, LINCOLN = ([f"homeroom-{slug}.{part}" for part in PARTS] for slug in ("harbor", "lincoln"))
ALL = sorted([*HARBOR, *LINCOLN, BACKUPS, GATEWAY])
TARGETS = {"homeroom-harbor.target", "homeroom-lincoln.target"}


@pytest.fixture
def place(installed: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Backups are set up, so that all units are wanted. These portals have no database of their own."""
    (installed.folder / "portals" / "lincoln" / "backup.toml").touch()
    return tmp_path_factory.mktemp("system")


def lines(path: Path, key: str) -> list[str]:
    return [line.partition("=")[2] for line in path.read_text().splitlines() if line.startswith(f"{key}=")]


def test_units_are_written_once_and_written_anew_when_something_changed(installed: Installation, place: Path) -> None:
    dry = change(installed, place, dry_run=True)
    assert sorted(dry.written) == ALL and list(place.iterdir()) == []
    done = change(installed, place, dry_run=False)
    assert sorted(path.name for path in place.iterdir()) == ALL == sorted(done.written) and done.texts == dry.texts
    again = change(installed, place, dry_run=False)
    assert again.written == [] and sorted(again.unchanged) == ALL
    (place / GATEWAY).write_text((place / GATEWAY).read_text() + "# older\n")
    shutil.rmtree(installed.folder / "portals" / "harbor")
    third = change(installed, place, dry_run=False)
    assert set(third.written) == {BACKUPS, GATEWAY} and set(third.gone) == set(HARBOR) and not list(place.glob("homeroom-harbor*"))
    assert third.gone[0] == "homeroom-harbor.target", "stopped first, so that no socket starts its service again"


def test_a_disk_that_has_no_room_for_all_units_keeps_none(installed: Installation, place: Path) -> None:
    texts = change(installed, place, dry_run=True).texts
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(len(texts[name]) for name in ALL[:2]), limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            change(installed, place, dry_run=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(place.iterdir()) == []
    assert sorted(change(installed, place, dry_run=False).written) == ALL


def test_the_one_unit_of_an_earlier_release_gives_way_to_one_for_each_process(installed: Installation, place: Path) -> None:
    old = place / "homeroom-lincoln.service"
    old.write_text(f"{units.mark(installed)}\n[Service]\nExecStart=/bin/homeroom portal run lincoln\n")
    done = change(installed, place, dry_run=False)
    assert done.gone == [old.name] and not old.exists() and set(LINCOLN) <= set(done.written)


def test_portals_start_before_gateway_and_backups_and_none_is_started_again_in_vain(installed: Installation, place: Path) -> None:
    change(installed, place, dry_run=False)
    for name in (name for name in ALL if name.endswith(".service") and ".prepare." not in name):
        assert lines(place / name, "RestartPreventExitStatus") == ["78"] and lines(place / name, "Restart") == ["always"]
        assert int(lines(place / name, "LimitNOFILE")[0]) >= 10_000 and lines(place / name, "LimitCORE") == ["0"]
        assert TARGETS & set(lines(place / name, "After")[0].split()) == (TARGETS if name in (GATEWAY, BACKUPS) else set())
    for name in LINCOLN:
        if name != "homeroom-lincoln.target":
            assert lines(place / name, "PartOf") == ["homeroom-lincoln.target"], "stopping and restarting the target does it to all"
    wanted = " ".join(lines(place / "homeroom-lincoln.target", "Wants")).split()
    assert {name for name in wanted if name.startswith("homeroom-")} == {name for name in LINCOLN if name.endswith(".service") and ".prepare." not in name}
    assert units.heads(units.wanted(installed), ["homeroom-lincoln.web.service", GATEWAY]) == ["homeroom-lincoln.target", GATEWAY]


def test_only_jobs_and_the_gateway_have_a_network_and_no_process_has_a_right_of_root(installed: Installation, place: Path) -> None:
    change(installed, place, dry_run=False)
    services = [place / name for name in ALL if name.endswith(".service") and name != BACKUPS]
    on_the_network = {path.name for path in services if lines(path, "PrivateNetwork") != ["yes"]}
    assert on_the_network == {"homeroom-harbor.jobs.service", "homeroom-lincoln.jobs.service", GATEWAY}
    for path in services:
        assert lines(path, "CapabilityBoundingSet") == [""] or ".prepare." in path.name
        assert lines(path, "ProtectSystem") == ["strict"] and lines(path, "NoNewPrivileges") == ["yes"]


def exposure(path: Path) -> float:
    words = ["systemd-analyze", "security", "--offline=yes", str(path)]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip().splitlines()[-1]
    return float(told.partition(f"for {path.name}:")[2].split()[0])


def by_root(installed: Installation) -> None:
    toml = installed.folder / "homeroom.toml"
    toml.write_text(f'{toml.read_text()}user = "hr-gateway"\n')


def test_systemd_finds_each_unit_hardened(installed: Installation, place: Path) -> None:
    """The backup timer is root, because it changes users and owners. Here its tiers are folders, so it has no network."""
    by_root(installed)
    change(installed, place, dry_run=False)
    figures = {name: exposure(place / name) for name in (*LINCOLN, GATEWAY, BACKUPS) if name.endswith(".service")}
    print(figures)
    assert max(figures.values()) <= 2.0, figures


ELSEWHERE = {
    "a tier": ("portals/lincoln/backup.toml", 'store = "/b/store"\noffsite = "s3://lincoln-offsite"\n'),
    "a tier of the vault": ("vault/lincoln/vault.toml", 'store = "/b/store"\narchive = "s3://lincoln-archive"\n'),
    "the relay of alarms": ("portals/lincoln/backup/alarm.toml", 'to = "it@mail.example"\n'),
    "the database": ("portals/harbor/portal.toml", 'database = "postgresql://db.lincoln.example/homeroom"\n'),
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_the_backup_timer_has_a_network_only_if_something_is_elsewhere(installed: Installation, place: Path, what: str) -> None:
    by_root(installed)
    (installed.folder / "portals" / "lincoln" / "backup.toml").write_text('store = "/b/store"\n')
    change(installed, place, dry_run=False)
    assert lines(place / BACKUPS, "PrivateNetwork") == ["yes"] and lines(place / BACKUPS, "RestrictAddressFamilies") == ["AF_UNIX"]
    assert lines(place / BACKUPS, "ReadWritePaths")[-1] == "-/b/store", "it may write the tiers that are folders, and starts without one whose disk is away"
    name, text = ELSEWHERE[what]
    path = installed.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "the database":
        (path.parent / "backup.toml").touch()
        text = re.sub("^database.*\n", text, path.read_text(), flags=re.MULTILINE)
    path.write_text(text)
    change(installed, place, dry_run=False)
    assert lines(place / BACKUPS, "PrivateNetwork") == [] and "AF_INET" in lines(place / BACKUPS, "RestrictAddressFamilies")[0]
    assert exposure(place / BACKUPS) <= 2.8


def test_the_doctor_finds_units_that_are_not_as_the_settings_say(installed: Installation, place: Path) -> None:
    assert list(units_now(installed.folder)) == [], "this host has none"
    change(installed, place, dry_run=False)
    assert [found.state for found in units_now(installed.folder)] == ["ok"]
    (installed.folder / "portals" / "lincoln" / "backup.toml").write_text('store = "s3://lincoln-store"\n')
    (found,) = units_now(installed.folder)
    assert found.state == "bad" and BACKUPS in found.told and f"homeroom host units --into {place}" in found.told


def test_systemd_itself_finds_nothing_wrong(installed: Installation, place: Path) -> None:
    """Also with a folder name that has a space, a percent sign and a dollar sign."""
    odd = installed.folder.parent / "home room 5% $y"
    shutil.copytree(installed.folder, odd)
    for installation in (installed, Installation.at(odd)):
        into = place / str(len(list(place.iterdir())))
        into.mkdir()
        change(installation, into, dry_run=False)
        environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{into}:"}
        told = subprocess.run(["systemd-analyze", "verify", *map(str, into.iterdir())], capture_output=True, text=True, env=environment)
        assert told.returncode == 0 and "homeroom" not in told.stderr, told.stderr


def test_a_folder_is_quoted_as_systemd_reads_it() -> None:
    assert word("/srv/homeroom") == "/srv/homeroom"
    assert word("/srv/a b%c$f") == '"/srv/a b%%c$$f"'
    assert listed(Path("/srv/a b%c$f")) == '"/srv/a b%%c$f"'
    for refused in ("/srv/a\nb", '/srv/a"b', "/srv/a\\b"):
        with pytest.raises(NotDone, match="can't be configured for"):
            word(refused)
    with pytest.raises(NotDone, match="can't be configured for"):
        listed(Path("/srv/a:b"))


@pytest.mark.parametrize("text", ["[Service]\nExecStart=/bin/true\n", "", f"{units.MARK}/srv/other\n[Service]\n"])
def test_a_unit_that_is_not_ours_is_left_alone_and_nothing_is_written(installed: Installation, place: Path, text: str) -> None:
    (place / GATEWAY).write_text(text)
    said = "of another installation, in /srv/other" if text.startswith(units.MARK) else "exists, and Homeroom did not write it"
    for dry_run in (True, False):
        with pytest.raises(NotDone, match=said):
            change(installed, place, dry_run=dry_run)
    assert [path.name for path in place.iterdir()] == [GATEWAY] and (place / GATEWAY).read_text() == text


def test_a_masked_unit_is_left_alone(installed: Installation, place: Path) -> None:
    (place / GATEWAY).symlink_to("/dev/null")
    with pytest.raises(NotDone, match="did not write it"):
        change(installed, place, dry_run=False)


def test_a_missing_folder_is_reported_and_a_second_one_is_refused(installed: Installation, place: Path) -> None:
    with pytest.raises(NotDone, match="Units are for a computer with systemd"):
        change(installed, place / "nowhere", dry_run=False)
    change(installed, place, dry_run=False)
    (place / "other").mkdir()
    with pytest.raises(NotDone, match=f"has units in {place}"):
        change(installed, place / "other", dry_run=False)


def test_a_portals_unit_is_found_and_goes(installed: Installation, place: Path) -> None:
    change(installed, place, dry_run=False)
    assert sorted(path.name for path in found(installed, "lincoln")) == LINCOLN
    for _ in range(2):
        units.take_away(place, LINCOLN)
    assert sorted(path.name for path in found(installed)) == [name for name in ALL if "lincoln" not in name]


def test_homeroom_calls_systemctl_where_systemd_runs(installed: Installation, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Uses a systemctl that writes down its arguments and refuses a unit with the name refuse."""
    heard = tmp_path / "heard"
    command = tmp_path / "systemctl"
    command.write_text(f'#!/bin/sh\necho "$@" >> {heard}\n[ "$1" != disable ] || [ "$4" != refuse ] || {{ echo no >&2; exit 1; }}\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(units, "is_live", lambda _: True)
    change(installed, place, dry_run=False)
    heads = f"homeroom-harbor.target homeroom-lincoln.target {GATEWAY} {BACKUPS}"
    assert heard.read_text().splitlines()[:2] == ["daemon-reload", f"enable --quiet {heads}"]
    units.take_away(place, [GATEWAY])
    assert heard.read_text().splitlines()[-2:] == [f"disable --now --quiet {GATEWAY}", "daemon-reload"]
    with pytest.raises(NotDone, match="systemctl disable --now --quiet refuse failed: no"):
        units.take_away(place, ["refuse"])
