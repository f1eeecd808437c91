"""System users are taken by one command at a time."""

import grp
import multiprocessing
import os

import pytest

from homeroom.portal.processes.users import free_name, name_is_taken, new_prefix, remove_user, remove_users, take_user

NAME = "test-at-the-same-time"
COMMANDS = 3


def kept_prefix(slug: str) -> str:
    with new_prefix(slug) as prefix:
        return prefix


def test_commands_at_the_same_time_never_take_the_same_name() -> None:
    """useradd itself makes the same user twice without an error."""
    if os.getuid() != 0:
        assert free_name(NAME) == f"hr-{NAME}"  # no one else makes users
        return
    try:
        with multiprocessing.get_context("forkserver").Pool(COMMANDS) as commands:
            taken = [commands.map_async(take, [NAME] * COMMANDS, chunksize=1).get(60) for take in (take_user, kept_prefix)]
        assert len({*taken[0], *taken[1]}) == 2 * COMMANDS, taken
        assert all(name_is_taken(name) for names in taken for name in names)
    finally:
        for name in [each.gr_name for each in grp.getgrall() if each.gr_name.endswith(NAME)]:
            remove_user(name)
            remove_users(name)


def test_a_prefix_that_could_not_be_written_down_is_free_again() -> None:
    with pytest.raises(OSError, match="full"), new_prefix(NAME) as prefix:
        raise OSError("full")
    assert not name_is_taken(f"hr-{NAME}") and prefix == (f"hr-{NAME}" if os.getuid() == 0 else "")
