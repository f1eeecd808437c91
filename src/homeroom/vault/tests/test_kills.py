"""kill -9 at the steps of a snapshot, a copy and a pruning round. There is never half a backup, and running it again succeeds."""

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.vault.chain import verified
from homeroom.vault.keeping import Tier, copied, notes_copied, pruned
from homeroom.vault.store import Store
from homeroom.vault.tests.dying import ORDER
from homeroom.vault.tests.safe import MONTH, Safe
from tests.journeys.kill import Part

MANY = 7  # steps drawn at random, in addition to the first and the last ones


def run(folder: Path, order: dict[str, Any], die_after: int) -> int:
    """Returns 0 if the process was killed at its step, or else how many steps there were."""
    (folder / ORDER).write_text(json.dumps({**order, "die_after": die_after}))
    (folder / "steps").unlink(missing_ok=True)
    part = Part("homeroom.vault.tests.dying:work", folder, folder / "log").start()
    assert part.wait_dead(180), "it hangs"
    found = folder / "steps"
    assert found.exists() != bool(die_after), (folder / "log").read_text()
    return int(found.read_text()) if found.exists() else 0


def chosen(steps: int) -> list[int]:
    """Returns the first and the last steps, and some random ones between."""
    ends = {1, 2, 3, steps - 3, steps - 2, steps - 1, steps}
    return sorted(ends | set(random.sample(range(4, steps - 3), MANY)))


def order_to_take(safe: Safe, number: int, previous: str) -> dict[str, Any]:
    return {
        "what": "take", "files": str(safe.files), "database": safe.words("dump", safe.school.database), "store": safe.store.url,
        "restore": safe.restore.public.hex(), "erasure": safe.erasure.public.hex(), "month": MONTH, "key": safe.signing.private_bytes_raw().hex(),
        "place": [number, number, previous],
    }  # fmt: skip


def test_a_snapshot_killed_at_any_step_is_none_or_whole(safe: Safe, tmp_path: Path) -> None:
    steps = run(tmp_path, order_to_take(safe, 1, ""), 0)
    shutil.rmtree(tmp_path / "store")
    previous, number = "", 0
    for step in chosen(steps):
        number += 1
        run(tmp_path, order_to_take(safe, number, previous), step)
        chain = safe.chain()
        assert chain.troubles == [], f"killed after step {step}"
        for link in chain.links:
            assert verified(safe.store, link.manifest) == [], f"killed after step {step}"
        is_whole = chain.link(number) is not None
        assert is_whole == (step == steps), f"killed after step {step} of {steps}"
    last = safe.chain().links[-1]
    run(tmp_path, order_to_take(safe, number + 1, last.digest), 0)
    chain = safe.chain()
    assert chain.troubles == [] and [link.manifest.number for link in chain.links] == [number, number + 1]
    tier, later = Tier("store", safe.store, 3, False), datetime.now(UTC) + timedelta(days=2, minutes=1)
    pruned(tier, chain, [], later)
    named = {link.manifest.path(each) for link in chain.links for each in link.manifest.segments}
    assert {each.name for each in safe.store.names("") if not each.name.endswith("/manifest")} == named, "what killed runs left is gone"
    assert safe.store.half_written(later) == []


def test_a_copy_killed_at_any_step_is_none_or_whole_and_goes_on(safe: Safe, tmp_path: Path) -> None:
    taken = safe.take()
    safe.store.add_once("lincoln/notes/ab12", b"sealed")
    order = {"what": "copy", "store": safe.store.url, "into": str(tmp_path / "measured"), "signer": safe.signers[0].hex()}
    steps = run(tmp_path, order, 0)
    for step in chosen(steps):
        into = tmp_path / f"killed-{step}"
        run(tmp_path, {**order, "into": str(into)}, step)
        archive = Store(str(into))
        assert safe.chain(archive).troubles == []
        assert (safe.chain(archive).newest is not None) == (step == steps), f"killed after step {step} of {steps}"
        notes_copied(safe.store, archive, "lincoln")
        copied(safe.store, archive, "lincoln", safe.signers)
        assert safe.chain(archive).newest == taken.manifest and verified(archive, taken.manifest) == []
        assert archive.read("lincoln/notes/ab12") == b"sealed"
        assert [each.name for each in archive.names("")] == [each.name for each in safe.store.names("")]


def test_pruning_killed_at_any_step_leaves_the_chain_and_goes_on(safe: Safe, tmp_path: Path) -> None:
    for _ in range(6):
        safe.take()
    later = safe.chain().links[0].manifest.at + timedelta(days=10)
    whole = tmp_path / "whole"
    shutil.copytree(safe.store.folder or Path(), whole)
    order = {"what": "prune", "store": str(tmp_path / "measured"), "signer": safe.signers[0].hex(), "now": later.isoformat()}
    shutil.copytree(whole, tmp_path / "measured")
    steps = run(tmp_path, order, 0)
    end = [each.name for each in Store(str(tmp_path / "measured")).names("")]
    for step in chosen(steps):
        place = tmp_path / f"killed-{step}"
        shutil.copytree(whole, place)
        run(tmp_path, {**order, "store": str(place)}, step)
        chain = safe.chain(Store(str(place)))
        assert chain.troubles == [] and len(chain.links) == 6
        assert all(chain.is_whole(link.manifest) for link in chain.links if link.manifest.number > 2), f"killed after step {step}"
        run(tmp_path, {**order, "store": str(place)}, 0)
        assert [each.name for each in Store(str(place)).names("")] == end


@pytest.mark.parametrize("cut", [1, 5000])
def test_half_a_segment_that_a_killed_copy_left_is_made_anew(safe: Safe, tmp_path: Path, cut: int) -> None:
    """A file in a folder is whole or not there. Another kind of store may show a part of one."""
    taken, archive = safe.take(), Store(str(tmp_path / "archive"))
    segment = taken.manifest.segments[0]
    archive.add(taken.manifest.path(segment), [safe.store.read(taken.manifest.path(segment))[:-cut]])
    copied(safe.store, archive, "lincoln", safe.signers)
    copied(safe.store, archive, "lincoln", safe.signers)
    assert verified(archive, taken.manifest) == [] and safe.chain(archive).newest == taken.manifest
