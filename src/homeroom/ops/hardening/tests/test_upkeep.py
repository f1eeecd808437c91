"""Unattended updates and the kernel's settings, in the texts that programs and /proc give."""

import pytest

from homeroom.ops.hardening.upkeep import CORES, KERNEL, of_apt, of_dnf, of_kernel

ON = 'APT::Periodic "";\nAPT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n'


@pytest.mark.parametrize(
    ("text", "is_installed", "state"),
    [
        (ON, True, "ok"),
        (ON, False, "warn"),
        ("", True, "warn"),
        (ON.replace('Unattended-Upgrade "1"', 'Unattended-Upgrade "0"'), True, "warn"),
        (ON + 'APT::Periodic::Enable "0";\n', True, "warn"),
    ],
)
def test_debian_updates_itself_if_the_package_is_there_and_on(text: str, is_installed: bool, state: str) -> None:
    found = of_apt(text, is_installed)
    assert found.state == state and ("dpkg-reconfigure" in found.told) is (state != "ok")


def test_fedora_updates_itself_if_updates_are_applied_and_the_timer_runs() -> None:
    text = "[commands]\nupgrade_type = security\napply_updates = yes\n"
    assert of_dnf(text, "enabled").state == "ok"
    assert of_dnf(text, "disabled").state == of_dnf(text.replace("yes", "no"), "enabled").state == "warn"


def test_a_weak_setting_of_the_kernel_comes_with_the_line_to_write() -> None:
    good = dict.fromkeys(KERNEL, "2") | {CORES: "core"}
    assert of_kernel(good).state == "ok"
    weak = of_kernel(good | {"kernel.kptr_restrict": "0", CORES: "|/usr/lib/systemd/systemd-coredump %P"})
    assert weak.state == "warn" and "kernel.kptr_restrict = 1, kernel.core_pattern = |/bin/false" in weak.told
    assert of_kernel(good | {"kernel.kptr_restrict": "odd"}).state == "warn"
    absent = of_kernel({name: value for name, value in good.items() if name != "kernel.yama.ptrace_scope"})
    assert absent.state == "ok" and "no kernel.yama.ptrace_scope" in absent.told
