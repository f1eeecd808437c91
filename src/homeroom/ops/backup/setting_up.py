"""`homeroom backup set-up` on a portal's host and `homeroom backup vault` on the vault's host: who can write where, and which keys are trusted."""

import shutil
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import TIERS, Plan, Vault, checked_schedule, checked_url
from homeroom.ops.backup.restore_keys import PUBLIC_FILE, read_named, read_public, write_public
from homeroom.ops.backup.run import signing_key
from homeroom.ops.host.installation import give as give_to
from homeroom.ops.host.installation import give_all_in, is_root, toml, write_toml
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import portal_of, user_of
from homeroom.seal.erasure import add_months, month_of, months_from, read_card, write_card
from homeroom.seal.whole import write_whole
from homeroom.seal.wrapping import named
from homeroom.vault.store import folder_of

SIGNERS = Path("cert/backup.pub")  # public halves in hex, one per line, with the current key last
MONTHS = 24  # number of monthly erasure keys that a vault makes in advance


def set_up(portal: Path, urls: Mapping[str, str], schedule: str, public: bytes, card: Path, credentials: Mapping[str, Path]) -> dict[str, Any]:
    """Sets up backups. `public` is the public half of the restore key. `credentials` are TOML files for `add` (the backup store, write only) and `read`
    (one section per tier). Raises NotDone, KeyOdd before anything is written."""
    read_card(card)
    words = {"schedule": checked_schedule(schedule), **{name: checked_url(urls[name]) for name in TIERS}}
    if missing := [str(path) for path in credentials.values() if not path.is_file()]:
        raise NotDone(f"{missing[0]} is not there. Name the file with the store's credentials.")
    write_public(portal / "cert" / PUBLIC_FILE, public)
    shutil.copyfile(card, portal / "cert" / "erasure.json")
    for name, path in credentials.items():
        write_whole(portal / "secrets" / f"store-{name}.toml", path.read_bytes())
    make_signing_key(portal)
    write_toml(portal / "backup.toml", toml(words))
    give(portal)
    give_store(portal, urls)
    return {"portal": portal.name, "restore_key": named(public), "signer": signer_of(portal).hex(), "signer_name": named(signer_of(portal))}


def checked_key(portal: Path, restore: Path, name: str) -> bytes:
    """Returns the restore key's public half. Raises NotDone if it has another name or if the portal already has another restore key. Raises KeyOdd."""
    public, current = read_named(restore, name), portal / "cert" / PUBLIC_FILE
    if current.exists() and read_public(current) != public:
        raise NotDone(f"{portal.name} already has another restore key. Replace it with `homeroom keys rotate {portal.name} --restore FILE --name NAME`.")
    return public


def make_signing_key(portal: Path) -> None:
    """Makes the key only once. With another key, the vault would reject the portal's next backup as someone else's."""
    path = portal / "secrets" / "backup.key"
    if not path.exists():
        write_whole(path, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode())
        (portal / SIGNERS).write_text(signer_of(portal).hex() + "\n")


def signer_of(portal: Path) -> bytes:
    return signing_key(portal).public_key().public_bytes_raw()


def signers_of(portal: Path) -> list[bytes]:
    """Returns the public halves of the keys that signed this portal's manifests, newest last."""
    return [bytes.fromhex(line) for line in (portal / SIGNERS).read_text().split()]


def give_store(portal: Path, urls: Mapping[str, str]) -> None:
    """Makes tiers that are folders on this host. The snapshot's user owns the store, the vault owns the archives, and the drill can read all of them.
    A folder doesn't protect backups from a person who takes over the host, as the doctor says."""
    for name in TIERS:
        folder = folder_of(urls[name])
        if folder is not None and (name == "store" or not folder.exists()):
            folder.mkdir(parents=True, exist_ok=True)
            user = user_of(portal, "dump") if name == "store" else None
            give_to(folder, user, 0o700 if name == "store" else 0o755)
            give_all_in(folder, user)


def take_store(portal: Path) -> str:
    """Makes this portal's system user the owner of a store that is a folder on this host, as after a restore. Returns "", or a sentence that tells
    the operator what to do."""
    if not (portal / "backup.toml").exists():
        return ""
    urls = Plan.read(portal).urls
    folder = folder_of(urls["store"])
    other = portal_of(folder) if folder else None
    if other and other != portal:
        return (
            f"{folder} already holds the backups of the portal in {other}. Give this portal its own store with "
            f"`homeroom backup set-up {portal.name}`."
        )
    try:
        give_store(portal, urls)
    except OSError as no:
        return f"Can't make {user_of(portal, 'dump')} the owner of {folder}: {no.strerror}. Homeroom can't back up {portal.name} until you fix that."
    return ""


def make_vault(installation: Path, slug: str, urls: Mapping[str, str], signer: str, stores: Path | None, now: datetime) -> dict[str, Any]:
    """Makes the vault's folder for a portal: vault.toml, its erasure keys and their card. Raises NotDone."""
    folder = installation / "vault" / slug
    check_signer(signer)
    before = Vault.read(folder) if (folder / "vault.toml").exists() else None
    if before and bytes.fromhex(signer) not in before.signers:
        raise NotDone(f"The vault believes another key of {slug}. To let this one take its place: homeroom keys rotate {slug} --believe {signer}")
    card = make_erasure_keys(installation, slug, now)
    if stores:
        write_whole(folder / "stores.toml", stores.read_bytes())
    words = {name: checked_url(urls[name]) for name in TIERS}
    known = before.words() if before else {"signers": [signer]}
    write_vault(folder, {**known, **words})  # a second run, such as to move a tier, keeps earlier keys and the contract's end
    return {"portal": slug, "erasure_keys": str(folder / f"{slug}.json"), "card": str(card)}


def write_vault(folder: Path, words: Mapping[str, Any]) -> None:
    write_whole(folder / "vault.toml", toml(words).encode())


def believe(vault: Vault, signer: str) -> None:
    """Trusts this key for manifests. After the first manifest that it signed, the vault rejects new ones with an earlier key. Raises NotDone."""
    check_signer(signer)
    if bytes.fromhex(signer) in vault.signers:
        raise NotDone("The vault believes this key already.")
    write_vault(vault.folder, {**vault.words(), "signers": [*(each.hex() for each in vault.signers), signer]})


def checked_end(day: date, today: date) -> date:
    """Raises NotDone."""
    if day > today:
        raise NotDone(f"{day} is still to come. Say the day on which the contract ended, once it has.")
    return day


def end_contract(vault: Vault, day: date) -> None:
    """Sets the end of the contract. From this day on, no backup is kept as the first of its month."""
    write_vault(vault.folder, {**vault.words(), "contract_ended": day.isoformat()})


def check_signer(signer: str) -> None:
    """Raises NotDone."""
    if not is_hexadecimal(signer, 64):
        raise NotDone("The signer is what `homeroom backup set-up` or `homeroom keys rotate --signing` answered on the portal's host: 64 hexadecimal letters.")


def make_erasure_keys(installation: Path, slug: str, now: datetime) -> Path:
    """Makes the erasure keys and their card. Returns the card's path. The portal needs the card before its signer is known.

    The first month is yesterday's: on the first of a month in UTC, a district's day may still be the last of the month before.
    """
    folder = installation / "vault" / slug
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    (installation / "vault").chmod(0o700)
    add_months(folder / f"{slug}.json", months_from(month_of(now - timedelta(days=1)), MONTHS))
    write_card(folder / f"{slug}.json", folder / "card.json")
    return folder / "card.json"


def is_hexadecimal(word: str, letters: int) -> bool:
    return len(word) == letters and all(sign in "0123456789abcdef" for sign in word)


def checked_is_root_or_own(portal: Path) -> None:
    """Raises NotDone if this user can't become `dump`."""
    if user_of(portal, "dump") and not is_root():
        raise NotDone(f"Run this as root: {portal.name} has system users of its own.")
