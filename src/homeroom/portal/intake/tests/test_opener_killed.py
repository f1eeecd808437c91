"""Any process of an opening that is killed in the middle gives an error and never a verdict. An opening needs little memory."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from homeroom.portal.intake.opening.frames import OpenerAway, Unfinished, opened
from homeroom.portal.intake.tests.opener_portal import (
    KEY,
    ROWS,
    SENDERS,
    children_of,
    delivered,
    opener_of,
    portal_folder,
    read,
    sealed,
)
from homeroom.seal.broken import SealBroken
from tests.alive import is_alive


@pytest.fixture
def portal() -> Iterator[Path]:
    with portal_folder(KEY) as folder:
        yield folder


@pytest.fixture
def running(portal: Path) -> Iterator[int]:
    with opener_of(portal) as child:
        yield child


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sealed(tmp_path_factory.mktemp("large"), os.urandom(60 << 20))


def wait_for_end_of(family: list[psutil.Process]) -> None:
    until = time.monotonic() + 60
    while any(is_alive(process) for process in family):
        assert time.monotonic() < until, family
        time.sleep(0.01)


def answering(process: int) -> psutil.Process:
    return psutil.Process(process).children()[0]


VICTIMS: dict[str, Callable[[int], psutil.Process]] = {
    "the opener": psutil.Process,
    "the one that answers": answering,
    "the one that verifies": lambda process: answering(process).children()[0],
    "the one that has the key": lambda process: answering(process).children()[1],
}


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("at", [0, 15 << 20])
def test_killed_in_the_middle_there_is_never_a_verdict(
    portal: Path, running: int, large: bytes, victim: str, at: int
) -> None:
    digest = delivered(portal, large)
    with pytest.raises((OpenerAway, SealBroken)) as ended, opened(portal, digest, SENDERS) as stream:
        stream.read(1 + at)
        family = children_of(running)
        VICTIMS[victim](running).send_signal(signal.SIGKILL)
        for _ in stream:
            pass
    assert isinstance(ended.value, OpenerAway), "that it was killed says nothing about the file"
    wait_for_end_of(family)


def test_intake_killed_in_the_middle_leaves_no_process_with_plain_text(
    portal: Path, running: int, tmp_path: Path, large: bytes
) -> None:
    digest = delivered(portal, large)
    with pytest.raises(Unfinished), opened(portal, digest, SENDERS) as stream:
        stream.read(1)
        family = children_of(running)
    assert len(family) == 3
    wait_for_end_of(family)
    assert read(portal, delivered(portal, sealed(tmp_path, ROWS)))[0] == ROWS


def test_a_large_district_needs_no_more_memory_than_a_middling_one(portal: Path, running: int, tmp_path: Path) -> None:
    """Takes the lower of two peaks each. When a process ends, pages that it shared count as the other process's own."""
    middling, large = (
        min(peak_while_opened(portal, running, tmp_path, size) for _ in range(2)) for size in (100 << 20, 160 << 20)
    )
    assert middling < 250 << 20, f"{middling >> 20} MiB"
    assert large < middling * 1.15, "memory grows with the file"


def peak_while_opened(portal: Path, running: int, folder: Path, size: int) -> int:
    peak = passed = 0
    with opened(portal, delivered(portal, sealed(folder, os.urandom(size))), SENDERS) as stream:
        for count, piece in enumerate(stream):
            passed += len(piece)
            if count % 32 == 0:
                peak = max(peak, memory_of(running))
    assert passed == size
    return peak


def memory_of(process: int) -> int:
    """Returns the bytes that only the opener and its children hold. Pages shared with this test, which forked them, are left out."""
    return sum(map(held_alone, [psutil.Process(process), *children_of(process)]))


def held_alone(process: psutil.Process) -> int:
    """Returns 0 for a process that has ended. The opening's processes may end while this test counts."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:
        return 0
