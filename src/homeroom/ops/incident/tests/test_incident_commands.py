"""An operator keeps an incident's diary and deadlines with every portal stopped."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation
from homeroom.ops.incident.findings import kept_about
from homeroom.ops.incident.recording import Who, signed_in
from homeroom.ops.incident.tests.hosted import Host, hosted
from homeroom.ops.removing_all import outline

NOW = datetime.now(UTC)
START = (NOW - timedelta(hours=20)).replace(microsecond=0)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(hosted(tmp_path))


@pytest.fixture
def declared(host: Host) -> Host:
    words = ("--title", "Stolen laptop", "--discovered", START.isoformat(), "--district", "lincoln", "--district", "harbor")
    host.run("declare", *words, entered="A laptop is gone.\n")
    return host


def name_leads(host: Host) -> None:
    for role, name in (("it", "Ada Okafor"), ("support", "Ben Ito"), ("cto", "Cy Moss")):
        host.run("lead", role, "--name", name, "--phone", "(555) 010-0140", "--email", "lead@example.org")


def test_an_incident_of_two_districts_is_declared_and_shown_without_any_portal(declared: Host) -> None:
    shown = declared.told("show", "1")
    assert (shown["title"], shown["stage"], shown["start"]) == ("Stolen laptop", "assess", str(START))
    assert [each["portal"] for each in shown["districts"]] == ["lincoln", "harbor"]
    clocks = declared.clocks()
    assert clocks["", "leads met"]["due"] == str(START + timedelta(hours=24)) and clocks["", "leads met"]["state"] == "running"
    assert clocks["harbor", "district notified"]["outer"] == str(START + timedelta(hours=72))
    assert (clocks["lincoln", "residents notified"]["due"] is not None, clocks["lincoln", "portal notice"]["state"]) == (True, "not known")
    assert [each["next"]["clock"] for each in declared.told("list")["incidents"]] == ["leads met"]
    assert "Lincoln Unified" in declared.run("show", "1")


def test_a_district_whose_portal_is_gone_stays_in_the_diary(declared: Host) -> None:
    (declared.folder / "portals" / "lincoln" / "portal.toml").unlink()
    (declared.folder / "portals" / "lincoln").rmdir()
    assert ("lincoln", "district notified") in declared.clocks()
    declared.run("done", "1", "district notified", "--district", "lincoln", "--words", "By phone.")
    assert declared.clocks()["lincoln", "district notified"]["state"] == "done"
    assert declared.clocks()["harbor", "district notified"]["state"] == "running", "each district has its own"


def test_a_clock_of_a_district_needs_its_name_and_the_operators_own_does_not(declared: Host) -> None:
    with pytest.raises(NotDone, match="lincoln, harbor"):
        declared.run("done", "1", "district notified", "--words", "x")
    with pytest.raises(NotDone, match="Leave out"):
        declared.run("done", "1", "leads met", "--district", "lincoln", "--words", "x")
    with pytest.raises(NotDone, match="no clock"):
        declared.run("done", "1", "lunch", "--words", "x")
    with pytest.raises(NotDone, match="between the discovery and now"):
        declared.run("done", "1", "leads met", "--at", (START - timedelta(hours=1)).isoformat(), "--words", "x")
    declared.run("done", "1", "leads met", "--at", (START + timedelta(hours=2)).isoformat(), entered="By phone.\n")
    assert declared.clocks()["", "leads met"]["state"] == "done"


def test_over_500_people_in_all_districts_together_more_deadlines_run(declared: Host) -> None:
    declared.run("count", "1", "300", "--district", "lincoln", "--words", "The district's count.")
    assert declared.clocks()["", "website notice"]["state"] == "not known", "harbor is not counted"
    declared.run("count", "1", "200", "--district", "harbor", "--words", "The district's count.")
    assert declared.clocks()["", "website notice"]["state"] == "not needed"
    declared.run("count", "1", "201", "--district", "harbor", "--words", "Counted again.")
    clocks = declared.clocks()
    assert {clocks[each]["state"] for each in (("", "website notice"), ("lincoln", "portal notice"), ("harbor", "portal notice"))} == {"running"}
    assert declared.told("show", "1")["people"] == 501
    with pytest.raises(NotDone, match="no district"):
        declared.run("count", "1", "5", "--district", "elsewhere", "--words", "x")


def test_one_person_moves_the_start_earlier_and_every_deadline_with_it(declared: Host) -> None:
    earlier = START - timedelta(hours=3)
    declared.run("earlier", "1", earlier.isoformat(), "--words", "The first email.")
    assert declared.clocks()["", "leads met"]["due"] == str(earlier + timedelta(hours=24))
    with pytest.raises(NotDone, match="second lead"):
        declared.run("earlier", "1", START.isoformat(), "--words", "x")
    for wrong in ((NOW + timedelta(hours=1)).isoformat(), (NOW - timedelta(days=800)).isoformat(), "soon", "2026-01-01"):
        with pytest.raises(NotDone):
            declared.run("earlier", "1", wrong, "--words", "x")


def test_a_later_start_needs_a_reason_and_another_lead_and_says_if_both_were_one_user(declared: Host) -> None:
    later = START + timedelta(hours=2)
    with pytest.raises(NotDone, match="IT lead is named"):
        declared.run("later", "1", later.isoformat(), "--lead", "it", "--words", "x")
    name_leads(declared)
    with pytest.raises(NotDone, match="Write what happened"):
        declared.run("later", "1", later.isoformat(), "--lead", "it", entered=" \n")
    declared.run("later", "1", later.isoformat(), "--lead", "it", "--words", "The first email was about something else.")
    assert declared.told("show", "1")["start"] == str(START) and "waits for a second lead" in declared.run("show", "1")
    with pytest.raises(NotDone, match="Another lead"):
        declared.run("confirm", "1", "--lead", "it", "--words", "I agree.")
    declared.run("confirm", "1", "--lead", "cto", "--words", "I agree.")
    shown = declared.told("show", "1")
    assert shown["start"] == str(later) and declared.clocks()["", "leads met"]["due"] == str(later + timedelta(hours=24))
    assert shown["diary"][-1]["more"]["is_same_user"] is True and "doesn't prove" in declared.run("show", "1").replace("\n", " ")
    with pytest.raises(NotDone, match="No later start"):
        declared.run("confirm", "1", "--lead", "support", "--words", "Again.")


def test_one_person_who_is_named_for_two_roles_is_not_two_leads(declared: Host) -> None:
    name_leads(declared)
    declared.run("lead", "cto", "--name", "Ada Okafor", "--phone", "(555) 010-0141", "--email", "ada@example.org")
    declared.run("later", "1", (START + timedelta(hours=2)).isoformat(), "--lead", "it", "--words", "x")
    with pytest.raises(NotDone, match="Another lead"):
        declared.run("confirm", "1", "--lead", "cto", "--words", "x")


def test_a_proposal_from_before_another_start_changes_nothing(declared: Host) -> None:
    name_leads(declared)
    declared.run("later", "1", (START + timedelta(hours=2)).isoformat(), "--lead", "it", "--words", "x")
    declared.run("earlier", "1", (START - timedelta(hours=2)).isoformat(), "--words", "x")
    with pytest.raises(NotDone, match="No later start"):
        declared.run("confirm", "1", "--lead", "cto", "--words", "x")


def test_a_hold_stops_notices_of_its_district_and_nothing_else(declared: Host) -> None:
    declared.run("hold", "1", "--agency", "County Sheriff", "--reference", "27-0412", "--district", "harbor")
    clocks = declared.clocks()
    assert {each["state"] for key, each in clocks.items() if key in (("harbor", "users notified"), ("harbor", "residents notified"))} == {"on hold"}
    assert {clocks[each]["state"] for each in (("lincoln", "users notified"), ("harbor", "district notified"), ("", "leads met"))} == {"running"}
    with pytest.raises(NotDone, match="No such hold"):
        declared.run("hold-ended", "1", "--words", "x")
    with pytest.raises(NotDone, match="in the future"):
        declared.run("hold", "1", "--agency", "a", "--reference", "b", "--until", START.isoformat())
    with pytest.raises(NotDone, match="agency"):
        declared.run("hold", "1", "--agency", " ", "--reference", "b")
    ended = datetime.now(UTC)
    declared.run("hold-ended", "1", "--district", "harbor", "--words", "By phone, from the sheriff.")
    due = datetime.fromisoformat(declared.clocks()["harbor", "users notified"]["due"])
    assert timedelta(0) <= due - ended - timedelta(hours=24) < timedelta(minutes=1)


def test_an_incident_goes_through_its_stages_closes_and_opens_again(declared: Host) -> None:
    declared.run("stage", "1", "contain", "--words", "All sessions are ended.")
    with pytest.raises(NotDone, match="already in this stage"):
        declared.run("stage", "1", "contain")
    with pytest.raises(NotDone, match="no stage"):
        declared.run("stage", "1", "done")
    with pytest.raises(NotDone, match="incident close"):
        declared.run("stage", "1", "closed")
    with pytest.raises(NotDone, match="Not done yet: leads met"):
        declared.run("close", "1", "--words", "Reviewed.")
    declared.run("close", "1", "--words", "Reviewed.", "--with-open-deadlines")
    assert declared.told("show", "1")["stage"] == "closed" and declared.told("show", "1")["diary"][-1]["more"]["open"]
    with pytest.raises(NotDone, match="already closed"):
        declared.run("close", "1", "--words", "x")
    declared.run("stage", "1", "assess", "--words", "Another laptop.")
    assert declared.told("list")["incidents"][0]["stage"] == "assess"


def test_two_incidents_have_numbers_of_their_own(declared: Host) -> None:
    declared.run("declare", "--title", "Another", "--words", "x", "--time-zone", "America/Denver")
    declared.run("note", "2", "--words", "Only here.")
    assert [each["incident"] for each in declared.told("list")["incidents"]] == [1, 2]
    assert [len(declared.told("show", str(number))["diary"]) for number in (1, 2)] == [3, 2]
    with pytest.raises(NotDone, match="no incident 3"):
        declared.run("note", "3", "--words", "x")
    with pytest.raises(NotDone, match="No district is named"):
        declared.run("done", "2", "users notified", "--words", "x")
    declared.run("district", "2", "harbor")
    with pytest.raises(NotDone, match="already a district"):
        declared.run("district", "2", "harbor")


def test_a_script_without_a_terminal_gives_title_and_text_on_standard_input(host: Host) -> None:
    made = host.told("declare", "--discovered", "now", entered="Lost phone\nA phone is gone.\nIt was locked.\n")
    shown = host.told("show", str(made["incident"]))
    assert (shown["title"], shown["diary"][0]["words"]) == ("Lost phone", "A phone is gone.\nIt was locked.")


def test_a_text_cannot_change_what_a_terminal_shows(declared: Host) -> None:
    declared.run("note", "1", "--words", "\x1b[2Jnothing\x07 happened\u202e")
    assert declared.told("show", "1")["diary"][-1]["words"] == "[2Jnothing happened"
    with pytest.raises(NotDone, match="at most 8000"):
        declared.run("note", "1", "--words", "x" * 8001)
    with pytest.raises(NotDone, match="title"):
        declared.run("declare", "--title", "x" * 121, "--words", "x")


def test_the_person_behind_sudo_or_a_typed_name_is_kept_next_to_the_user(declared: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ada")
    declared.run("note", "1", "--words", "x")
    declared.run("note", "1", "--words", "x", "--by", "Ben Ito")
    assert [each["by"] for each in declared.told("show", "1")["diary"]][-2:] == ["ada", "Ben Ito"]
    assert len({each["user"] for each in declared.told("show", "1")["diary"]}) == 1


def test_the_kernel_keeps_who_signed_in_where_sudo_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill starts without the shell's environment, and with it without SUDO_USER."""
    (tmp_path / "loginuid").write_text("0")
    assert signed_in(tmp_path / "loginuid") == "root" and signed_in(tmp_path / "none") == ""
    (tmp_path / "loginuid").write_text(str(2**32 - 1))
    assert signed_in(tmp_path / "loginuid") == "", "no one signed in: a job of the system"
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert Who.here("  Ben\nIto ").by == "Ben Ito" and Who.here().by

def test_a_changed_removed_or_torn_line_is_found_and_the_rest_is_shown(declared: Host) -> None:
    file = declared.folder / "incidents" / "diary.jsonl"
    known, whole = declared.told("list")["head"], file.read_bytes()
    assert declared.told("verify", "--known", known)["diary"]["state"] == "whole"
    file.write_bytes(whole.replace(b"Stolen", b"Lost"))
    assert declared.told("verify", code=3)["diary"]["state"] == "broken" and declared.told("show", "1")["title"] == "Lost laptop"
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    assert declared.told("verify", code=4)["diary"]["state"] == "cut"
    (declared.folder / "incidents" / "diary.head").unlink()
    assert declared.told("verify", code=6)["diary"]["state"] == "headless"
    assert declared.told("verify", "--known", known, code=4)["diary"]["state"] == "cut", "a head that was kept elsewhere shows it"
    file.write_bytes(whole + b'{"n":4')
    assert declared.told("verify", code=5)["diary"]["state"] == "torn"
    with pytest.raises(NotDone, match="64 hex digits"):
        declared.run("verify", "--known", "7:abc")


def test_leads_and_contacts_are_settings_and_the_rest_of_the_file_stays(declared: Host) -> None:
    name_leads(declared)
    declared.run("lead", "it", "--name", "Eve Roe", "--phone", "(555) 010-0149", "--email", "eve@example.org")
    declared.run("contact", "lincoln", "--name", "Ruth Adler", "--phone", "(555) 010-0131", "--email", "adler@lincoln.example", noun="portal")
    assert (declared.folder / "homeroom.toml").read_text().count("# Ours.") == 1 and "[gateway]" in (declared.folder / "homeroom.toml").read_text()
    known = declared.told("lead")
    assert (known["it"]["name"], known["cto"]["name"], known["chief-executive"]) == ("Eve Roe", "Cy Moss", None)
    call = {each["role"]: each["name"] for each in declared.clocks()["lincoln", "district notified"]["call"]}
    assert call == {"support lead": "Ben Ito", "contact of lincoln": "Ruth Adler"}
    assert "NOT NAMED" in declared.run("show", "1") and "Ruth Adler" in declared.said
    assert "no contact" in declared.run("contact", "harbor", noun="portal")


@pytest.mark.parametrize("words", [
    ("--name", "", "--phone", "5550100140", "--email", "a@b.org"), ("--name", "A", "--phone", "911", "--email", "a@b.org"),
    ("--name", "A", "--phone", "(555) 010-0140", "--email", "nowhere"), ("--name", "A\x1b", "--phone", "(555) 010-0140", "--email", "a@b.org"),
])  # fmt: skip
def test_an_odd_contact_changes_nothing(host: Host, words: tuple[str, ...]) -> None:
    with pytest.raises(NotDone):
        host.run("lead", "cto", *words)
    with pytest.raises(NotDone):
        host.run("contact", "lincoln", *words, noun="portal")
    assert host.told("lead", "cto") == {"cto": None}
    with pytest.raises(NotDone, match="no role"):
        host.run("lead", "boss")


def test_the_diary_outlives_the_installation(declared: Host) -> None:
    with pytest.raises(NotDone, match="diary of incidents"):
        outline(Installation(declared.folder))
    (declared.folder / "incidents").rename(declared.folder.parent / "safe")
    assert outline(Installation(declared.folder)).goes


def test_a_portal_is_removed_and_the_diary_that_names_it_stays(declared: Host) -> None:
    """The portal has no database here, so its outline is all that this test reads."""
    assert kept_about(declared.folder, "lincoln") and "incidents of lincoln: 1" in kept_about(declared.folder, "lincoln")[0]
    assert kept_about(declared.folder, "elsewhere") == []
    told = json.loads(declared.run("remove", "harbor", "--dry-run", "--json", noun="portal"))
    assert any("diary.jsonl" in line for line in told["stays"])


def test_a_damaged_setting_does_not_close_the_diary(declared: Host) -> None:
    (declared.folder / "homeroom.toml").write_text("this is not TOML")
    (declared.folder / "portals" / "lincoln" / "portal.toml").write_text("neither [")
    assert json.loads(declared.run("show", "1", "--json"))["title"] == "Stolen laptop"


def test_another_port_of_the_gateway_leaves_the_leads_as_they_are(host: Host) -> None:
    name_leads(host)
    before = host.told("lead")
    host.run("address", "--host", "import.example.org", noun="gateway")
    assert host.told("lead") == before and "import.example.org" in (host.folder / "homeroom.toml").read_text()
