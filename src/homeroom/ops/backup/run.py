"""`homeroom backup run`: makes one portal's snapshot, seals it into its store, and runs that night's drill.

The parent has no secret. The snapshot is a process of the system user `dump`. The drill is forked before it. On this host, only the drill has a
key that can open the backup.
"""

import fcntl
import json
import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homeroom.ops.answers import NotDone
from homeroom.ops.backup import drilling
from homeroom.ops.backup.plan import Plan, State
from homeroom.ops.backup.restore_keys import read_public
from homeroom.ops.backup.results import Result, note_result
from homeroom.ops.backup.scratch import scratch
from homeroom.ops.host.forked_work import Apart, Line
from homeroom.ops.host.owner import database_up, use_password_file
from homeroom.ops.host.release import this_release
from homeroom.portal.audit.chain import last_link
from homeroom.portal.place import Place
from homeroom.portal.processes.child import LAST
from homeroom.portal.processes.cluster import BINARIES
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import group_of, user_of
from homeroom.seal.erasure import month_of, public_for, read_card
from homeroom.seal.whole import write_whole
from homeroom.seal.wrapping import seal_for
from homeroom.vault import manifest as manifests
from homeroom.vault.files import below
from homeroom.vault.restore import key_context
from homeroom.vault.snapshot import ChainPlace as InChain
from homeroom.vault.snapshot import Recipients, Source, take
from homeroom.vault.store import AlreadyThere

STORED = ("portal.toml", "backup.toml", "cert/*", "inbox/*.pgp", "inbox/*.json", "outbox/*.json", "notes/*")
NEEDED = "SELECT 'inbox/' || digest || '.pgp' FROM delivery WHERE ended_at IS NULL"
# Each is sealed to the restore key before it goes into a backup. A restore makes new login passwords, TLS keys and a new key that names notes. With
# the old naming key, a new note could get the name of an older note that this tier never got. The store would then keep the older one.
KEPT_KEYS = ("opening.pgp", "receipts.pgp", "factors", "relay", "backup.key", "store-add.toml", "store-read.toml")
PENDING = "pending"  # a signed manifest that may not be in the store yet

Tell = Callable[[str, int, int], object]


class Busy(NotDone):
    """Another run is active on this host."""


def run(portal: Path, tell: Tell, *, has_drill: bool = True, tier: str = "", patience: float = drilling.PATIENCE) -> dict[str, Any]:
    """Returns what was made and proven. The drill uses `tier`, or the tier that is due. Raises NotDone. The doctor also sees
    why a started run failed."""
    give(portal)
    with alone(portal) as note:

        def telling(what: str, done: int, steps: int) -> None:
            tell(what, done, steps)
            if not steps:
                note(what)

        wanted = tier or drilling.tier_of(State.read(portal).number + 1)
        if has_drill and (never := drilling.Copying.of(portal).hopeless(wanted)):
            raise NotDone(f"{never} Nothing was made; with --no-drill it is made, and not proven.")
        try:
            with database_up(portal):
                answer = _made(portal, telling, drilling.work(portal, patience, tier), has_drill=has_drill)
        except Exception as trouble:
            note_result(portal, Result.failed(State.read(portal).number, trouble))
            raise
        note_result(portal, Result.well(answer))
        return answer


@contextmanager
def alone(folder: Path) -> Iterator[Callable[[str], None]]:
    """Allows one run at a time on a host. `folder` is a portal's folder or the vault's folder for one. Yields a function that notes the progress, which
    the Busy error of another run shows. Raises Busy."""
    with (folder.parent / ".backup").open("a+") as mutex:
        try:
            fcntl.flock(mutex, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            mutex.seek(0)
            told = mutex.read()
            raise Busy(f"Another backup, or a rehearsal, runs on this host{told and f' ({told})'}. Wait for its end, then run this again.") from busy
        began = f"{datetime.now(UTC):%b %d, %H:%M} UTC"

        def note(what: str) -> None:
            mutex.truncate(0)
            mutex.write(f"{folder.name}, since {began}{what and f': {what}'}")
            mutex.flush()

        note("")
        yield note


def _made(portal: Path, tell: Tell, drilled: Any, *, has_drill: bool) -> dict[str, Any]:
    dump, groups = user_of(portal, "dump"), [group] if (group := group_of(portal)) is not None else []
    _finish_pending(portal, dump, tell)
    state = State.read(portal)
    number = state.number + 1
    replace(state, number=number).write(portal)  # never used again, so files of a killed run can't mix with another run's
    with Apart("drill", dump, [], drilled, behind=LAST) as drill:
        public = drill.hear("public")
        with Apart("keys", None, [], lambda _: _keys(portal)) as keeper:
            keys = keeper.hear("done")
        with Apart("snapshot", dump, groups, lambda line: _snapshot(portal, state, number, public, keys, line), behind=LAST) as snapshot:
            made = snapshot.hear("done", lambda word, value: _heard(portal, snapshot, word, value, tell))
        _finished(portal, made["content"])
        answer = {"portal": portal.name, "number": number, "at": made["at"], "bytes": made["bytes"], "rows": made["rows"], "drill": None}
        if has_drill:
            answer["drill"] = _proven(portal, drill, made, tell)
    return answer


def _proven(portal: Path, drill: Apart, made: dict[str, Any], tell: Tell) -> dict[str, Any]:
    peers = tuple(name for name in (user_of(portal, "dump"), user_of(portal, "db"), me()) if name)
    with scratch(portal / "drill", user_of(portal, "db"), peers, lambda told: tell(told, 0, 0)) as target:
        words = {"database": dict(target.database), "pg_restore": str(target.pg_restore)}
        drill.say("prove", {"content": made["content"], "wrapped": made["drill"], "signer": made["signer"], "target": words})
        proof: dict[str, Any] = drill.hear("done", lambda _, value: tell(*value))
    return proof


def me() -> str:
    """Returns the name of the system user that runs this."""
    return pwd.getpwuid(os.getuid()).pw_name


def _heard(portal: Path, snapshot: Apart, word: str, value: Any, tell: Tell) -> None:
    if word == "keep":
        write_whole(portal / "backup" / PENDING, value)
        snapshot.say("kept")
    else:
        tell(*value)


def _snapshot(portal: Path, state: State, number: int, drill: bytes, keys: bytes, line: Line) -> dict[str, Any]:
    """Runs in the process of the system user `dump`."""
    place = Place.read(portal)
    now = datetime.now(UTC)
    month = month_of(now.astimezone(place.zone))
    to = Recipients(read_public(portal / "cert" / "restore.pub"), public_for(read_card(portal / "cert" / "erasure.json"), month), month, drill)
    night, _ = state.night_of(now, place.zone)
    key = signing_key(portal)

    def keep(content: bytes) -> None:
        line.send(("keep", content))
        line.recv()

    use_password_file(portal)
    taken = take(
        _source(portal, place, keys), Plan.read(portal).store_to_add(), to, InChain(number, night, state.previous), key,
        tell=lambda *told: line.send(("tell", told)), keep=keep,
    )  # fmt: skip
    made = taken.manifest
    return {
        "content": taken.content, "drill": taken.drill, "signer": key.public_key().public_bytes_raw(), "at": made.at.isoformat(),
        "bytes": made.sealed_size, "rows": sum(each.rows for each in made.tables),
    }  # fmt: skip


def _source(portal: Path, place: Place, keys: bytes) -> Source:
    return Source(
        portal=place.slug, database=place.conninfo("dump"), pg_dump=BINARIES / "pg_dump", psql=BINARIES / "psql", release=this_release(),
        time_zone=place.time_zone, files=lambda: below(portal, STORED), needed=NEEDED, head=last_link, keys=keys,
    )  # fmt: skip


def _keys(portal: Path) -> bytes:
    """Returns the portal's own secrets, each sealed to the restore key. Without them, the district would have to set everything up again."""
    public = read_public(portal / "cert" / "restore.pub")
    there = [name for name in KEPT_KEYS if (portal / "secrets" / name).exists()]
    found = {name: seal_for(public, (portal / "secrets" / name).read_bytes(), key_context(portal.name, name)).hex() for name in there}
    return json.dumps(found).encode()


def signing_key(portal: Path) -> Ed25519PrivateKey:
    """Raises NotDone."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex((portal / "secrets" / "backup.key").read_text()))
    except (OSError, ValueError) as odd:
        raise NotDone(f"secrets/backup.key of {portal.name} cannot be read. Set backups up with `homeroom backup set-up {portal.name}`.") from odd


def _finished(portal: Path, content: bytes) -> None:
    """Records that the store has the manifest, so that the next one continues the chain from it."""
    found = json.loads(content.split(b"\n")[0])
    at = datetime.fromisoformat(found["at"])
    state = State.read(portal)
    night, day = state.night_of(at, Place.read(portal).zone)
    State(max(state.number, found["number"]), night, day, manifests.digest(content), found["at"]).write(portal)
    (portal / "backup" / PENDING).unlink(missing_ok=True)


def _finish_pending(portal: Path, dump: str | None, tell: Tell) -> None:
    """Finishes a run that was killed after its manifest was signed. The store has all its segments, so this adds the manifest if it isn't there.

    If someone else with access to the store took the name, the number is given up, and this run makes the next one."""
    path = portal / "backup" / PENDING
    if not path.exists():
        return
    content = path.read_bytes()
    number = json.loads(content.split(b"\n")[0])["number"]
    name = manifests.manifest_name(portal.name, number)
    with Apart("pending", dump, [], lambda _: _put(portal, name, content)) as child:
        is_ours = child.hear("done")
    if is_ours:
        _finished(portal, content)
        return
    path.unlink()
    tell(f"giving up number {number}: someone else wrote {name} into the store. The vault's operator must check it and remove it", 0, 0)


def _put(portal: Path, name: str, content: bytes) -> bool:
    """Returns whether the store has our manifest. Raises StoreFailed."""
    plan = Plan.read(portal)
    try:
        plan.store_to_add().add_once(name, content)
    except AlreadyThere:
        return plan.store_to_read("store").read(name) == content
    return True
