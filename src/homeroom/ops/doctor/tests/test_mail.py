"""The doctor says when emails, and the codes in them, cross a network without TLS."""

import shutil
from pathlib import Path

import pytest

from homeroom.ops.doctor import mail as checks

PORTAL = Path(__file__).parents[5] / "tests" / "portal"
TOML = '\n[mail]\nrelay = "{host}"\nfrom = "homeroom@lincoln.example"\nsecurity = "{security}"\n'


class Answers:
    def close(self) -> None:
        """The relay let us in."""


@pytest.mark.parametrize(
    ("host", "security", "is_said"),
    [("192.0.2.9", "none", True), ("smtp.lincoln.example:25", "none", True), ("192.0.2.9", "starttls", False), ("192.0.2.9", "tls", False),
     ("127.0.0.1", "none", False), ("localhost", "none", False)],
)  # fmt: skip
def test_a_relay_without_tls_on_another_host_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, security: str, is_said: bool
) -> None:
    portal = shutil.copytree(PORTAL, tmp_path / "lincoln")
    with (portal / "portal.toml").open("a") as settings:
        settings.write(TOML.format(host=host, security=security))
    monkeypatch.setattr(checks, "connect", lambda _relay: Answers())
    monkeypatch.setattr(checks, "_waiting", lambda _portal: iter(()))
    found = list(checks.mail(portal))
    assert [each.state for each in found] == (["warn", "ok"] if is_said else ["ok"])
    assert not is_said or "without TLS" in found[0].told
