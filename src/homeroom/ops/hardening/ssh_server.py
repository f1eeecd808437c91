"""Checks the SSH server's settings as it uses them (`sshd -T`): keys only, root not by password, and a second factor."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from homeroom.ops.hardening.asking import NotThere, ask, text_of
from homeroom.ops.host.finding import Finding

CONFIG = Path("/etc/ssh")
MATCH = re.compile(r"^\s*match\s+(.+)", re.IGNORECASE | re.MULTILINE)
ROOT_SAFE = {"no", "without-password", "prohibit-password", "forced-commands-only"}
HARDWARE = ("sk-", "webauthn-sk-")  # keys in a security key
WRITE = "into /etc/ssh/sshd_config.d/10-homeroom.conf, then run `systemctl reload ssh`."


def ssh_server() -> Iterator[Finding]:
    """Raises NoAnswer."""
    try:
        text = ask("sshd", "-T")
    except NotThere:
        yield Finding("ok", "SSH", "This computer has no SSH server.")
        return
    yield from judged(settings(text))
    if blocks := matches():
        told = f"The settings have exceptions that this check doesn't follow (Match {'; Match '.join(blocks)}). Read them with `sshd -T -C user=…,addr=…`."
        yield Finding("unknown", "SSH: exceptions", told)


def settings(text: str) -> dict[str, list[str]]:
    """Reads what `sshd -T` prints: a name and a value on each line. Some names come more than once."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        if name:
            found.setdefault(name.lower(), []).append(value.strip())
    return found


def ports(text: str) -> list[int]:
    return [int(value) for value in settings(text).get("port", []) if value.isdigit()]


def matches(folder: Path = CONFIG) -> list[str]:
    """Returns the conditions of the Match blocks. Raises NoAnswer."""
    files = [folder / "sshd_config", *sorted((folder / "sshd_config.d").glob("*.conf"))]
    return [found.strip() for path in files if path.exists() for found in MATCH.findall(text_of(path))]


def judged(had: Mapping[str, list[str]]) -> Iterator[Finding]:
    if "passwordauthentication" not in had:
        yield Finding("unknown", "SSH", "`sshd -T` printed no settings that this check knows.")
        return
    yield passwords(had)
    root = had.get("permitrootlogin", ["?"])[0]
    yield (
        Finding("ok", "SSH: root", f"PermitRootLogin is {root}.")
        if root in ROOT_SAFE
        else Finding("bad", "SSH: root", f"PermitRootLogin is {root}. Write PermitRootLogin no {WRITE}")
    )
    yield second_factor(had)


def passwords(had: Mapping[str, list[str]]) -> Finding:
    """A password alone must open nothing. A prompt (keyboard-interactive) may be the second step after a key."""
    ways = ways_in(had)
    for name, step in (("PasswordAuthentication", "password"), ("KbdInteractiveAuthentication", "keyboard-interactive")):
        is_on = had.get(name.lower(), ["yes"])[0] != "no"
        if is_on and any(way == ["any"] or way == [step] for way in ways):
            return Finding("bad", "SSH: passwords", f"{name} is on, so a guessed password opens this computer. Write {name} no {WRITE}")
    if had.get("permitemptypasswords", ["no"])[0] != "no":
        return Finding("bad", "SSH: passwords", f"PermitEmptyPasswords is on. Write PermitEmptyPasswords no {WRITE}")
    return Finding("ok", "SSH: passwords", "No password alone signs in.")


def ways_in(had: Mapping[str, list[str]]) -> list[list[str]]:
    """Returns the lists of AuthenticationMethods. Each of them lets someone in, and needs all of its steps."""
    words = had.get("authenticationmethods", ["any"])[0].split()
    return [[step.partition(":")[0] for step in word.split(",")] for word in words] or [["any"]]


def second_factor(had: Mapping[str, list[str]]) -> Finding:
    what, ways = "SSH: second factor", ways_in(had)
    if all(len(way) > 1 for way in ways) and all("publickey" in way for way in ways):
        if had.get("usepam", ["no"])[0] == "no" and any("keyboard-interactive" in way for way in ways):
            return Finding("bad", what, f"AuthenticationMethods asks for a code, but UsePAM is off, so no one can be asked. Write UsePAM yes {WRITE}")
        return Finding("ok", what, f"Signing in needs {' or '.join(' and '.join(way) for way in ways)}.")
    kinds = had.get("pubkeyacceptedalgorithms", [""])[0].split(",")
    if all(kind.startswith(HARDWARE) for kind in kinds) and all("publickey" in way for way in ways):
        if "verify-required" in had.get("pubkeyauthoptions", [""])[0]:
            return Finding("ok", what, "Only security keys sign in, with their PIN.")
        return Finding("warn", what, f"Only security keys sign in, but without their PIN. Write PubkeyAuthOptions verify-required {WRITE}")
    todo = f"Write AuthenticationMethods publickey,keyboard-interactive with a PAM module for codes, or allow only security keys (sk-), {WRITE}"
    return Finding("warn", what, f"A stolen key alone signs in. {todo}")
