"""Replaces keys: the restore key's public half in a portal's folder, the signing key, and the months of erasure keys."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.restore_keys import PUBLIC_FILE, plain, read_named, read_public, write_public
from homeroom.ops.backup.setting_up import SIGNERS, signer_of, signers_of
from homeroom.portal.processes.owners import give
from homeroom.seal.erasure import MONTH, add_months, destroyed_in, month_of, months_from, read_keys
from homeroom.seal.whole import write_whole
from homeroom.seal.wrapping import named

MOST_MONTHS = 120
LONGEST = timedelta(days=92)  # the archive keeps 90 days, and prunes a day or two later


def install_restore(portal: Path, new: Path, name: str) -> tuple[str, str]:
    """Seals from now on for another restore key. The old public half stays next to the new one. Returns the names of both. Raises NotDone, KeyOdd.

    `name` is the key's name as the sheets show it.
    """
    public = read_named(new, name)
    cert = portal / "cert"
    current = cert / PUBLIC_FILE
    if not current.exists():
        raise NotDone(f"{portal.name} has no restore key yet. Install the first one with `homeroom backup set-up`.")
    before = read_public(current)
    if before == public:
        raise NotDone(f"{current} is this key already.")
    write_public(cert / f"restore-{plain(named(before)).lower()}.pub", before)
    write_public(current, public)
    return named(public), named(before)


def new_signing_key(portal: Path) -> bytes:
    """Makes a key that signs manifests from the next backup on. Manifests of the key before are trusted if the chain continues from them. Raises NotDone.

    Writes the public half first, then the secret. If it is killed in between, the old key keeps signing, and a key that signs nothing does no harm."""
    before, key = signer_of(portal), Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    known = [each for each in signers_of(portal) if each != before]
    write_whole(portal / SIGNERS, "".join(f"{each.hex()}\n" for each in (*known, before, public)).encode(), 0o644)
    write_whole(portal / "secrets" / "backup.key", key.private_bytes_raw().hex().encode())
    give(portal)
    return public


def make_months(slug: str, file: Path, count: int) -> list[str]:
    """Makes the missing keys of `count` months from this month on. Returns the months that were made. Raises NotDone, KeyOdd."""
    check_file(slug, file)
    _check_count(count)
    return add_months(file, months_from(this_month(), count))


def this_month() -> str:
    """Returns yesterday's month (UTC). On the first of a month, a district may still make its last backup of the month before."""
    return month_of(datetime.now(UTC) - timedelta(days=1))


def more_months(slug: str, file: Path, count: int) -> list[str]:
    """Adds `count` months after the last one in the file. Raises NotDone, KeyOdd."""
    check_file(slug, file)
    _check_count(count)
    last = max([*read_keys(file), *destroyed_in(file)], default="")
    return add_months(file, months_from(last, count + 1)) if last else make_months(slug, file, count)


def months_to_destroy(slug: str, file: Path, month: str, *, is_all: bool) -> list[str]:
    """Returns the months to destroy. Each of them still has a secret. Raises NotDone, KeyOdd."""
    check_file(slug, file)
    if bool(month) == is_all:
        raise NotDone("Say which month with --month, such as 2026-11, or --all at the contract's end.")
    if is_all:
        return sorted(read_keys(file))
    if not MONTH.fullmatch(month):
        raise NotDone(f"{month!r} is no month. Write it as 2026-11.")
    if (gone := destroyed_in(file).get(month)) is not None:
        raise NotDone(f"The erasure key of {month} was destroyed already, on {gone}.")
    if month not in read_keys(file):
        raise NotDone(f"{file} has no erasure key of {month}. Nothing was destroyed.")
    if month >= this_month():
        raise NotDone(f"{month} is not over: without its key no backup could be made. Nothing was destroyed.")
    return [month]


def check_file(slug: str, file: Path) -> None:
    """Raises NotDone if the file's name isn't the portal's. One wrong character in a path must not cost another district its backups."""
    if file.name != f"{slug}.json":
        raise NotDone(f"{file} is not called {slug}.json: each portal has a key file of its own name.")


def still_needed(today: date) -> date:
    """Returns the last day on which backups need a restore key that was replaced today, except backups kept for their month."""
    return today + LONGEST


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_MONTHS:
        raise NotDone(f"Make 1 to {MOST_MONTHS} months together.")
