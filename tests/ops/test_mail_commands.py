"""When the nightly file is expected, who is mailed, and whether mail goes out: as an operator types it."""

from collections.abc import Iterator

import pytest

from homeroom.ops.installation import Installation
from homeroom.ops.running import free_ports
from tests.ops.portal import answered, homeroom, installation, running


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made, running(made):
        yield made


def test_nightly_file_and_the_reports_address_are_chosen_and_read(lincoln: Installation) -> None:
    words = ("portal", "nightly", "lincoln", "--folder", str(lincoln.folder))
    assert answered(*words) == {"by": "", "weekends": False, "mail": ""}
    chosen = {"by": "06:00", "weekends": True, "mail": "it@lincoln.example"}
    assert answered(*words, "--by", "06:00", "--weekends", "--mail", "it@lincoln.example") == chosen
    assert "by 06:00, every day" in homeroom(*words).stdout
    for odd in (("--by", "six"), ("--mail", "it"), ("--mail", "it@lincoln.example\nBcc: x@y.example")):
        assert homeroom(*words, *odd).returncode == 1
    assert answered(*words) == chosen
    assert answered(*words, "--by", "", "--mail", "", "--no-weekends")["by"] == ""


def test_doctor_says_that_there_is_no_relay_or_that_it_does_not_answer(lincoln: Installation) -> None:
    words, toml = ("doctor", "--folder", str(lincoln.folder), "--json"), lincoln.portal("lincoln") / "portal.toml"
    assert "nobody is mailed about imports" in homeroom(*words).stdout
    before = toml.read_text()
    (port,) = free_ports([23900])
    toml.write_text(f'{before}\n[mail]\nrelay = "127.0.0.1:{port}"\nfrom = "homeroom@lincoln.example"\nsecurity = "none"\n')
    told = homeroom(*words)
    toml.write_text(before)
    assert told.returncode == 1 and "does not let us in" in told.stdout
