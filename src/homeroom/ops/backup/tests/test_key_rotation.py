"""Erasure keys that the command makes, copies and destroys, and a restore key that replaces another one."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.ops.__main__ import app
from homeroom.ops.backup.restore_keys import PUBLIC_FILE, read_public, write_public
from homeroom.ops.backup.run import signing_key
from homeroom.ops.backup.setting_up import make_erasure_keys, make_signing_key, signers_of
from homeroom.ops.backup.tests.test_key_commands import ran, refused
from homeroom.seal.erasure import add_months, month_of, read_card, read_keys
from homeroom.seal.wrapping import make_pair, named

MONTHS = ["2026-08", "2026-09", "2026-10"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    add_months(tmp_path / "lincoln.json", MONTHS)
    return tmp_path / "lincoln.json"


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """The parts of an installation that the commands read."""
    (tmp_path / "homeroom.toml").write_text("")
    (tmp_path / "portals" / "lincoln" / "cert").mkdir(parents=True)
    (tmp_path / "portals" / "lincoln" / "portal.toml").write_text("")
    return tmp_path / "portals" / "lincoln"


def test_erasure_keys_are_made_for_the_months_to_come_and_the_card_holds_their_public_halves(tmp_path: Path) -> None:
    file, card = tmp_path / "lincoln.json", tmp_path / "erasure.json"
    said = ran("erasure", "make", "lincoln", "--file", file, "--months", 24, "--card", card)
    now = datetime.now(UTC)
    assert "second host" in said and "cert/erasure.json" in said
    assert {month_of(now), month_of(now + timedelta(days=600))} <= set(read_keys(file))
    assert read_card(card) == {month: pair.public for month, pair in read_keys(file).items()}
    before = file.read_bytes()
    assert "nothing was made" in ran("erasure", "make", "lincoln", "--file", file, "--months", 24)
    assert file.read_bytes() == before


def test_more_months_begin_after_the_last_one_of_the_file_destroyed_or_not(file: Path) -> None:
    ran("destroy", "lincoln", "--file", file, "--all", "--yes")
    answer = json.loads(ran("rotate", "lincoln", "--months", 2, "--file", file, "--json"))
    assert answer == {"made": ["2026-11", "2026-12"], "usable": ["2026-11", "2026-12"]}


def test_a_month_is_destroyed_after_it_was_typed_again(file: Path) -> None:
    said = ran("destroy", "lincoln", "--file", file, "--month", "2026-08", typed="2026-08\n")
    assert "lincoln of 2026-08 will" in said
    assert "second host" in said and "a new card" in said
    assert sorted(read_keys(file)) == MONTHS[1:]


def test_keys_that_are_made_on_the_first_in_utc_have_the_month_before(tmp_path: Path) -> None:
    """At midnight in Greenwich, it is still the last day of the month in California, and its backups need that month's key."""
    make_erasure_keys(tmp_path, "lincoln", datetime(2026, 12, 1, 0, 10, tzinfo=UTC))
    assert min(read_keys(tmp_path / "vault" / "lincoln" / "lincoln.json")) == "2026-11"


@pytest.mark.parametrize("typed", ["2026-09\n", "yes\n", "lincoln\n"])
def test_anything_else_typed_destroys_nothing(file: Path, typed: str) -> None:
    assert refused("destroy", "lincoln", "--file", file, "--month", "2026-08", typed=typed).endswith("Nothing was destroyed.")
    assert sorted(read_keys(file)) == MONTHS


def test_a_month_that_is_not_over_keeps_its_key(file: Path) -> None:
    this = month_of(datetime.now(UTC))
    add_months(file, [this])
    assert "is not over" in refused("destroy", "lincoln", "--file", file, "--month", this, "--yes")
    assert this in read_keys(file)


def test_all_months_go_after_the_portals_name_was_typed(file: Path) -> None:
    assert refused("destroy", "lincoln", "--file", file, "--all", typed="all\n").endswith("Nothing was destroyed.")
    ran("destroy", "lincoln", "--file", file, "--all", typed="lincoln\n")
    assert read_keys(file) == {}
    assert "nothing was destroyed" in ran("destroy", "lincoln", "--file", file, "--all", "--yes")


def test_a_dry_run_says_what_would_go_and_leaves_the_file_as_it_is(file: Path) -> None:
    before = file.read_bytes()
    said = ran("destroy", "lincoln", "--file", file, "--month", "2026-09", "--dry-run")
    assert "Would destroy" in said and "2026-09" in said
    answer = json.loads(ran("destroy", "lincoln", "--file", file, "--all", "--dry-run", "--json"))
    assert answer == {"destroyed": [], "would_destroy": MONTHS, "left": MONTHS}
    assert file.read_bytes() == before


def test_another_portals_key_file_is_not_touched(file: Path) -> None:
    told = refused("destroy", "harbor", "--file", file, "--all", "--yes")
    assert "not called" in told and "harbor.json" in told
    told = refused("erasure", "make", "harbor", "--file", file)
    assert "not called" in told and "harbor.json" in told
    assert sorted(read_keys(file)) == MONTHS


def test_a_month_that_is_none_or_gone_says_so(file: Path) -> None:
    assert "is no month" in refused("destroy", "lincoln", "--file", file, "--month", "11/2026", "--yes")
    told = refused("destroy", "lincoln", "--file", file, "--month", "2031-01", "--yes")
    assert "no erasure key" in told and "2031-01" in told
    ran("destroy", "lincoln", "--file", file, "--month", "2026-08", "--yes")
    assert "destroyed already, on 20" in refused("destroy", "lincoln", "--file", file, "--month", "2026-08", "--yes")
    assert "Say which month" in refused("destroy", "lincoln", "--file", file)


def test_nothing_the_commands_say_tells_a_secret(file: Path) -> None:
    secrets = [entry["secret"] for entry in json.loads(file.read_text()).values()]
    said = ran("erasure", "make", "lincoln", "--file", file, "--json") + ran("destroy", "lincoln", "--file", file, "--all", "--yes", "--json")
    assert not any(secret in said for secret in secrets)


@pytest.fixture
def old(portal: Path) -> bytes:
    """The restore key that the portal was set up with."""
    public = make_pair().public
    write_public(portal / "cert" / PUBLIC_FILE, public)
    return public


def test_a_restore_key_is_installed_when_its_name_was_typed_from_a_sheet(portal: Path, old: bytes, tmp_path: Path) -> None:
    pair = make_pair()
    write_public(tmp_path / "new.pub", pair.public)
    words = ("--restore", tmp_path / "new.pub", "--name", named(pair.public).lower(), "--folder", tmp_path)
    assert "seals its backups" in ran("rotate", "lincoln", *words)
    assert read_public(portal / "cert" / PUBLIC_FILE) == pair.public != old
    assert "this key already" in refused("rotate", "lincoln", *words)


def test_a_public_half_that_was_exchanged_on_its_way_is_refused(portal: Path, old: bytes, tmp_path: Path) -> None:
    public = make_pair().public
    write_public(tmp_path / "new.pub", public)
    for name in (named(make_pair().public), ""):
        told = refused("rotate", "lincoln", "--restore", tmp_path / "new.pub", "--name", name, "--folder", tmp_path)
        assert "not the key" in told and named(public) not in told
    assert read_public(portal / "cert" / PUBLIC_FILE) == old


def test_the_first_restore_key_is_installed_by_set_up_alone(portal: Path, tmp_path: Path) -> None:
    public = make_pair().public
    write_public(tmp_path / "new.pub", public)
    told = refused("rotate", "lincoln", "--restore", tmp_path / "new.pub", "--name", named(public), "--folder", tmp_path)
    assert "no restore key" in told and "homeroom backup set-up" in told
    assert not (portal / "cert" / PUBLIC_FILE).exists()


@pytest.mark.parametrize(("name", "told"), [("8A95 902C", "is not the key of that name"), (None, "already has another restore key")])
def test_set_up_takes_the_restore_key_that_the_sheets_name_and_replaces_none(portal: Path, old: bytes, tmp_path: Path, name: str | None, told: str) -> None:
    public = make_pair().public
    write_public(tmp_path / "new.pub", public)
    places = [word for tier in ("store", "archive", "offsite") for word in (f"--{tier}", str(tmp_path / tier))]
    words = ("--restore-key", tmp_path / "new.pub", "--restore-name", name or named(public), *places, "--folder", tmp_path)
    done = CliRunner().invoke(app, ["backup", "set-up", "lincoln", *map(str, words)])
    assert done.exit_code == 1 and told in str(done.exception)
    assert read_public(portal / "cert" / PUBLIC_FILE) == old
    assert not (tmp_path / "store").exists() and not (tmp_path / "vault").exists()


def test_the_replaced_public_half_stays_next_to_the_new_one_under_its_name(portal: Path, old: bytes, tmp_path: Path) -> None:
    new = make_pair().public
    write_public(tmp_path / "new.pub", new)
    said = ran("rotate", "lincoln", "--restore", tmp_path / "new.pub", "--name", named(new), "--folder", tmp_path)
    beside = portal / "cert" / f"restore-{named(old).replace(' ', '').lower()}.pub"
    assert read_public(beside) == old and read_public(portal / "cert" / PUBLIC_FILE) == new
    assert f"sheets of {named(old)} " in said


def test_a_rotation_says_what_of(portal: Path, file: Path, tmp_path: Path) -> None:
    wrong: tuple[tuple[object, ...], ...] = (
        (), ("--months", 3), ("--file", file), ("--restore", tmp_path / "new.pub", "--months", 3, "--file", file),
        ("--signing", "--months", 3, "--file", file), ("--signing", "--believe", "00" * 32),
    )  # fmt: skip
    for words in wrong:
        assert "Say one of: " in refused("rotate", "lincoln", *words)


def test_a_new_signing_key_takes_the_place_of_the_one_before_and_the_old_public_half_stays(portal: Path) -> None:
    (portal / "secrets").mkdir()
    make_signing_key(portal)
    first = signers_of(portal)
    said = json.loads(ran("rotate", "lincoln", "--signing", "--folder", portal.parents[1], "--json"))
    second = bytes.fromhex(said["signer"])
    assert signers_of(portal) == [*first, second] and said["signer_name"] == named(second)
    assert signing_key(portal).public_key().public_bytes_raw() == second
    words = ran("rotate", "lincoln", "--signing", "--folder", portal.parents[1])
    third = signing_key(portal).public_key().public_bytes_raw()
    assert signers_of(portal) == [*first, second, third]
    assert f"--believe {third.hex()}" in words and named(third) in words
