"""Erases a student as an operator types it."""

from pathlib import Path

from homeroom.ops.demo.madeup.district import Roster
from homeroom.ops.host.installation import Installation
from tests.ops.portal import answered, homeroom
from tests.ops.test_commands import lincoln, roster, sent  # noqa: F401  fixtures


def test_a_student_is_erased_after_the_sourced_id_was_typed_again(
    sent: tuple[Path, dict[str, object]],
    lincoln: Installation,
    roster: Roster,
) -> None:
    ivy = roster.ids["Ivy Stone"]
    words = ("student", "erase", "lincoln", ivy, "--directive", "letter 12, office", "--enrolled", "--folder", str(lincoln.folder))
    would = answered(*words, "--dry-run")
    assert would["dry_run"] and would["rows"]["person"] == 1 and sum(would["rows"].values()) > 10
    for typed in ("", "\n", "lincoln\n", f"{ivy}x\n"):
        assert homeroom(*words, entered=typed).returncode == 1
    assert "Nothing was changed." in homeroom(*words, entered="ivy\n").stderr
    assert answered(*words, "--dry-run")["rows"] == would["rows"]
    assert answered(*words, entered=f"{ivy}\n")["rows"] == would["rows"]
    assert "No one has" in homeroom(*words, "--yes").stderr
