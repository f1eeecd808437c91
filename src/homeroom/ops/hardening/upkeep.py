"""Checks unattended security updates, a restart that waits, and settings of the kernel."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from homeroom.ops.hardening.asking import NoAnswer, NotThere, ask, text_of
from homeroom.ops.host.finding import Finding

RESTART = Path("/var/run/reboot-required")
APT = re.compile(r'^APT::Periodic::(\S+) "(.*)";$', re.MULTILINE)
SYSCTL = Path("/proc/sys")
# name: lowest good value, and what it is for
KERNEL = {
    "kernel.dmesg_restrict": (1, "the kernel's messages are for root"),
    "kernel.kptr_restrict": (1, "addresses in the kernel are for root"),
    "kernel.unprivileged_bpf_disabled": (1, "no user loads programs into the kernel"),
    "kernel.yama.ptrace_scope": (1, "no process reads the memory of another one of its user"),
    "fs.protected_hardlinks": (1, "no links to files of others"),
    "fs.protected_symlinks": (1, "no links to files of others"),
}
CORES = "kernel.core_pattern"


def updates() -> Iterator[Finding]:
    """Raises NoAnswer."""
    try:
        yield of_apt(ask("apt-config", "dump"), has_package("unattended-upgrades"))
    except NotThere:
        yield of_dnf(text_of(Path("/etc/dnf/automatic.conf")), ask("systemctl", "is-enabled", "dnf-automatic.timer").strip())
    if RESTART.exists():
        yield Finding("warn", "restart", "An update waits for a restart of this computer. Restart it at a quiet time.")


def has_package(name: str) -> bool:
    """Raises NoAnswer."""
    try:
        return ask("dpkg-query", "-W", "-f", "${Status}", name).endswith(" installed")
    except NotThere:
        raise
    except NoAnswer:  # dpkg-query fails for a package that it doesn't know
        return False


def of_apt(text: str, is_installed: bool) -> Finding:
    """Reads what `apt-config dump` prints."""
    had, what = dict(APT.findall(text)), "updates"
    if not is_installed:
        todo = "Run `apt-get install unattended-upgrades`, then `dpkg-reconfigure -plow unattended-upgrades`."
        return Finding("warn", what, f"Security updates wait for a person, because unattended-upgrades isn't installed. {todo}")
    off = [name for name in ("Update-Package-Lists", "Unattended-Upgrade") if had.get(name, "0") in ("0", "")]
    if off or had.get("Enable", "1") == "0":
        told = ", ".join(f"APT::Periodic::{name}" for name in off or ["Enable"])
        return Finding("warn", what, f"unattended-upgrades is installed and off ({told}). Run `dpkg-reconfigure -plow unattended-upgrades`.")
    return Finding("ok", what, "unattended-upgrades installs security updates.")


def of_dnf(text: str, timer: str) -> Finding:
    """Reads /etc/dnf/automatic.conf."""
    is_applied = re.search(r"^\s*apply_updates\s*=\s*(yes|true|1)\s*$", text, re.MULTILINE | re.IGNORECASE)
    if is_applied and timer == "enabled":
        return Finding("ok", "updates", "dnf-automatic installs updates.")
    todo = "Set apply_updates = yes in /etc/dnf/automatic.conf, and run `systemctl enable --now dnf-automatic.timer`."
    return Finding("warn", "updates", f"dnf-automatic installs no updates by itself. {todo}")


def kernel() -> Iterator[Finding]:
    yield of_kernel({name: value for name in (*KERNEL, CORES) if (value := setting(name)) is not None})


def setting(name: str) -> str | None:
    """Returns None if this kernel doesn't have the setting."""
    try:
        return text_of(SYSCTL / name.replace(".", "/")).strip()
    except NotThere:
        return None


def of_kernel(had: Mapping[str, str]) -> Finding:
    low = [f"{name} = {least}" for name, (least, _) in KERNEL.items() if name in had and not (had[name].isdigit() and int(had[name]) >= least)]
    absent = [name for name in KERNEL if name not in had]
    cores = had.get(CORES, "")
    todo = [*low, *([f"{CORES} = |/bin/false"] if cores.startswith("|") and cores != "|/bin/false" else [])]
    note = f" This kernel has no {', '.join(absent)}." if absent else ""
    if todo:
        why = "; ".join(KERNEL[name][1] for name in (line.partition(" ")[0] for line in low)) or "a crash writes memory to the disk"
        return Finding("warn", "kernel", f"Write these lines into /etc/sysctl.d/60-homeroom.conf, then run `sysctl --system`: {', '.join(todo)} ({why}).{note}")
    return Finding("ok", "kernel", f"Its settings keep processes and users apart.{note}")
