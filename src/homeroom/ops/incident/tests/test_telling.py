"""What leaves the operator's host: a district's report without another district, and a public notice without a person."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.incident.tests.hosted import Host, hosted

PARTS = {
    "impact": "Someone read class lists.", "actions": "We ended all sessions.", "plan": "We replace all passwords.", "timeline": "By Friday noon.",
    "details": "A laptop was stolen.", "safeguards": "All laptops are encrypted now.",
}  # fmt: skip


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(hosted(tmp_path))
    start = (datetime.now(UTC) - timedelta(hours=5)).isoformat()
    host.run("declare", "--title", "Stolen laptop", "--discovered", start, "--district", "lincoln", "--district", "harbor", "--words", "Nina's file was open.")
    host.run("lead", "support", "--name", "Ben Ito", "--phone", "(555) 010-0140", "--email", "ben@example.org")
    host.run("contact", "lincoln", "--name", "Ruth Adler", "--phone", "(555) 010-0131", "--email", "adler@lincoln.example", noun="portal")
    host.run("note", "1", "--words", "Call Ana Quist about it.", "--by", "Cy Moss")
    for slug, people in (("lincoln", "612"), ("harbor", "77")):
        host.run("count", "1", people, "--district", slug, "--words", "Their count.")
    return host


def write(host: Host, *parts: str) -> None:
    for part in parts:
        host.run("write", "1", part, "--words", PARTS[part])


def test_a_report_has_actions_plan_and_timeline_and_its_own_district_only(host: Host) -> None:
    with pytest.raises(NotDone, match="actions, plan, timeline"):
        host.run("report", "1", "--district", "lincoln")
    write(host, "actions", "plan", "timeline")
    host.run("write", "1", "plan", "--district", "harbor", "--words", "Harbor goes first.")
    host.run("done", "1", "district notified", "--district", "harbor", "--words", "By phone.")
    text = host.run("report", "1", "--district", "lincoln").rpartition("Keep this line.")[0]  # a hash can have any digits
    assert all(PARTS[part] in text for part in ("actions", "plan", "timeline")) and "612" in text
    assert not [word for word in ("arbor", "77", "Nina", "Ana", "Cy Moss", "Ben Ito") if word in text]
    told = host.told("report", "1", "--district", "harbor")
    assert (told["people"], told["plan"], told["actions"]) == (77, "Harbor goes first.", PARTS["actions"])
    assert "incoln" not in host.run("report", "1", "--district", "harbor") and host.told("list")["head"] in host.said
    assert [each["state"] for each in told["clocks"] if each["what"] == "the district is notified"] == ["done"]


def test_the_report_on_resolution_has_details_and_safeguards_too(host: Host) -> None:
    write(host, "actions", "plan", "timeline")
    with pytest.raises(NotDone, match="details, safeguards"):
        host.run("report", "1", "--district", "lincoln", "--resolved")
    write(host, "details", "safeguards")
    host.run("stage", "1", "review")
    told = host.told("report", "1", "--district", "lincoln", "--resolved")
    assert (told["details"], told["safeguards"], told["stage"]) == (PARTS["details"], PARTS["safeguards"], "review")


@pytest.mark.parametrize("word", ["harbor", "HARBOR UNIFIED"])
def test_a_report_whose_text_names_another_district_is_refused(host: Host, word: str) -> None:
    write(host, "actions", "plan", "timeline")
    host.run("write", "1", "plan", "--words", f"First {word}, then you.")
    with pytest.raises(NotDone, match="another district"):
        host.run("report", "1", "--district", "lincoln")
    host.run("report", "1", "--district", "harbor")
    with pytest.raises(NotDone, match="no district"):
        host.run("report", "1", "--district", "elsewhere")
    with pytest.raises(NotDone, match="no part"):
        host.run("write", "1", "poem", "--words", "x")


def test_the_public_notice_has_the_written_texts_and_no_one_from_the_diary(host: Host) -> None:
    write(host, "actions", "plan", "timeline")
    with pytest.raises(NotDone, match="Write first: impact"):
        host.run("notice", "1")
    host.run("write", "1", "impact", "--words", "Someone <read> class lists.\nNo grades.")
    page = host.run("notice", "1")
    assert "Someone &lt;read&gt; class lists." in page and "<p>No grades.</p>" in page and "Lincoln Unified: (555) 010-0130" in page
    names = ("Nina", "Ana", "Quist", "Ruth", "Adler", "Ben Ito", "Cy Moss", "@", "010-0140", "010-0131", "laptop", "root")
    assert not [name for name in names if name in page]
    assert not [word for word in ("<script", "<style", "src=", "href=", "http") if word in page], "nothing comes from elsewhere"


@pytest.mark.parametrize("words", [
    "Ask Ruth Adler.", "Ask ben ito.", "Write to help@example.org.", "Call (555) 010-0199.", "Call 010-0199.", "Student 20381144 first.", "By Cy Moss.",
])  # fmt: skip
def test_a_notice_that_seems_to_name_a_person_is_refused(host: Host, words: str) -> None:
    write(host, "impact", "actions", "plan", "timeline")
    host.run("write", "1", "plan", "--words", words)
    with pytest.raises(NotDone, match="Everyone reads this notice"):
        host.run("notice", "1")


def test_a_notice_waits_for_the_end_of_a_hold_and_for_more_than_500_people(host: Host) -> None:
    write(host, "impact", "actions", "plan", "timeline")
    host.run("hold", "1", "--agency", "County Sheriff", "--reference", "27-0412", "--district", "harbor")
    for anyway in ((), ("--anyway",)):
        with pytest.raises(NotDone, match="Law enforcement"):
            host.run("notice", "1", *anyway)
    host.run("hold-ended", "1", "--district", "harbor", "--words", "By phone.")
    host.run("count", "1", "423", "--district", "lincoln", "--words", "Counted again.")
    with pytest.raises(NotDone, match="500 people are affected"):
        host.run("notice", "1")
    assert "<h1>" in host.run("notice", "1", "--anyway")
