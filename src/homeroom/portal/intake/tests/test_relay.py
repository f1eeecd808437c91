"""Settings of the district's SMTP relay in portal.toml, and those that stop the start."""

from pathlib import Path

import pytest

from homeroom.portal.place import Place, PlaceOdd
from homeroom.portal.relay import Relay, read_relay
from tests.database import PORTAL_TOML

USER = 'user = "homeroom"\n'


def relay(folder: Path, words: str | None) -> Relay | None:
    mail = "" if words is None else f"\n[mail]\n{words}"
    (folder / "portal.toml").write_text(PORTAL_TOML.format(sockets=folder) + mail)
    (folder / "secrets").mkdir(exist_ok=True)
    return read_relay(Place.read(folder))


def named(host: str, *more: str) -> str:
    return "".join([f'relay = "{host}"\nfrom = "homeroom@lincoln.example"\n', *more])


def test_there_is_no_relay_without_email_settings(tmp_path: Path) -> None:
    assert relay(tmp_path, None) is None


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_kind_of_line_has_its_own_port_and_starttls_is_the_usual_one(tmp_path: Path, security: str, port: int) -> None:
    found = relay(tmp_path, named("smtp.lincoln.example", f'security = "{security}"\n'))
    assert found == Relay("smtp.lincoln.example", port, security, "homeroom@lincoln.example")
    usual = relay(tmp_path, named("smtp.lincoln.example:2525"))
    assert usual and (usual.security, usual.port) == ("starttls", 2525)


@pytest.mark.parametrize(
    "words",
    ['relay = "smtp.lincoln.example"\n', 'from = "a@b.example"\n', named("smtp.lincoln.example:x"), named("smtp x"),
     named("smtp.lincoln.example", 'security = "maybe"\n'), named("smtp.lincoln.example", USER)],
)  # fmt: skip
def test_a_portal_with_missing_or_invalid_relay_settings_does_not_start(tmp_path: Path, words: str) -> None:
    with pytest.raises(PlaceOdd):
        relay(tmp_path, words)


def test_the_password_is_in_a_file_of_its_own_and_in_no_traceback(tmp_path: Path) -> None:
    relay(tmp_path, None)
    (tmp_path / "secrets" / "relay").write_text("correct horse\n")
    found = relay(tmp_path, named("smtp.lincoln.example", USER))
    assert found and found.password == "correct horse" and "horse" not in repr(found)


def test_a_password_never_goes_to_another_computer_in_the_clear(tmp_path: Path) -> None:
    relay(tmp_path, None)
    (tmp_path / "secrets" / "relay").write_text("correct horse")
    with pytest.raises(PlaceOdd, match="in the clear"):
        relay(tmp_path, named("10.0.0.25", USER, 'security = "none"\n'))
    assert relay(tmp_path, named("127.0.0.1", USER, 'security = "none"\n'))
