"""What `sshd -T` prints, on hosts with and without passwords and second factors."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.hardening.asking import NoAnswer, ask
from homeroom.ops.hardening.ssh_server import judged, matches, ports, settings

DEBIAN = """port 22
port 2022
usepam yes
permitrootlogin without-password
pubkeyauthentication yes
passwordauthentication yes
kbdinteractiveauthentication no
permitemptypasswords no
pubkeyacceptedalgorithms ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-sha2-512
pubkeyauthoptions none
authenticationmethods any
"""
KEYS = DEBIAN.replace("passwordauthentication yes", "passwordauthentication no")
CODES = KEYS.replace("kbdinteractiveauthentication no", "kbdinteractiveauthentication yes").replace("methods any", "methods publickey,keyboard-interactive:pam")
HARDWARE = KEYS.replace("ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-sha2-512", "sk-ssh-ed25519@openssh.com,webauthn-sk-ecdsa-sha2-nistp256@openssh.com")
PINS = HARDWARE.replace("pubkeyauthoptions none", "pubkeyauthoptions verify-required")


@pytest.mark.parametrize(
    ("text", "password", "root", "factor"),
    [
        (DEBIAN, "bad", "ok", "warn"),
        (KEYS, "ok", "ok", "warn"),
        (CODES, "ok", "ok", "ok"),
        (CODES.replace("usepam yes", "usepam no"), "ok", "ok", "bad"),
        (CODES.replace("keyboard-interactive:pam", "keyboard-interactive keyboard-interactive"), "bad", "ok", "warn"),
        (DEBIAN.replace("methods any", "methods publickey,password"), "ok", "ok", "ok"),
        (KEYS.replace("methods any", "methods publickey,publickey"), "ok", "ok", "ok"),
        (HARDWARE, "ok", "ok", "warn"),
        (PINS, "ok", "ok", "warn"),
        (PINS.replace("methods any", "methods publickey"), "ok", "ok", "ok"),
        (KEYS.replace("permitrootlogin without-password", "permitrootlogin yes"), "ok", "bad", "warn"),
        (KEYS.replace("permitemptypasswords no", "permitemptypasswords yes"), "bad", "ok", "warn"),
    ],
)
def test_passwords_root_and_the_second_factor_are_each_judged(text: str, password: str, root: str, factor: str) -> None:
    found = {each.what: each for each in judged(settings(text))}
    assert [each.state for each in found.values()] == [password, root, factor]
    assert all("Write " in each.told for each in found.values() if each.state != "ok")


def test_an_answer_without_settings_can_not_be_told() -> None:
    assert [each.state for each in judged(settings("Missing privilege separation directory: /run/sshd"))] == ["unknown"]


def test_the_ports_and_the_exceptions_are_read(tmp_path: Path) -> None:
    assert ports(DEBIAN) == [22, 2022] and ports("") == []
    (tmp_path / "sshd_config.d").mkdir()
    (tmp_path / "sshd_config").write_text("# Match nobody\nPort 22\nMatch User backup\n  PasswordAuthentication yes\n")
    (tmp_path / "sshd_config.d" / "9.conf").write_text("match Address 203.0.113.0/24\n")
    assert matches(tmp_path) == ["User backup", "Address 203.0.113.0/24"]


def test_a_program_that_fails_or_is_missing_says_why() -> None:
    with pytest.raises(NoAnswer, match="isn't installed"):
        ask("no-program-of-this-name")
    with pytest.raises(NoAnswer, match=r"answered: .*nowhere"):
        ask("ls", "/nowhere")


@given(st.dictionaries(st.from_regex(r"[a-z]{1,12}", fullmatch=True), st.lists(st.from_regex(r"[!-~]{0,9}", fullmatch=True), min_size=1)))
def test_each_setting_is_read_as_it_was_printed(had: dict[str, list[str]]) -> None:
    assert settings("".join(f"{name} {value}\n" for name, values in had.items() for value in values)) == had
