"""`homeroom keys make|shares|destroy|rotate` and `keys erasure make`: the keys of the vault. docs/vault-keys.md explains each."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json, type_again
from homeroom.ops.host.installation import FolderOption, Installation, checked_slug

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeroom.seal.shares import ReadShare

keys = typer.Typer(no_args_is_help=True, help="The keys of the vault: the restore key and its three sheets, and the erasure keys.")
erasure = typer.Typer(no_args_is_help=True, help="Erasure keys: one a month, in a file of the vault's host.")
keys.add_typer(erasure, name="erasure")

Slug = Annotated[str, typer.Argument(help="The portal's short name, such as lincoln.")]
Out = Annotated[Path, typer.Option(help="A new folder in memory, such as /dev/shm/lincoln.")]
PrintWords = Annotated[bool, typer.Option("--print-words", help="Show the words on the terminal, too, to be written down by hand.")]
Trial = Annotated[bool, typer.Option("--trial", help="On a network, and onto a disk, all the same.")]
Words = Annotated[list[Path] | None, typer.Option("--share", help="A file with the words of one share; give it twice. Typed unseen if left out.")]
Again = Annotated[bool, typer.Option("--again", help="Make three new sheets of the same key.")]
AgainName = Annotated[str, typer.Option(help="With --again: the district's name to print on the sheets.")]
AgainOut = Annotated[Path | None, typer.Option(help="With --again: a new folder in memory.")]
Restore = Annotated[Path | None, typer.Option(help="On the portal's host: seal for this restore.pub from now on.")]
More = Annotated[int, typer.Option(help="On the vault's host: how many months of erasure keys to add after the last one.")]
Month = Annotated[str, typer.Option(help="Such as 2026-11.")]
AllMonths = Annotated[bool, typer.Option("--all", help="Every month, at the contract's end.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be destroyed, and destroy nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask to type it again.")]
KeyFile = Annotated[Path, typer.Option("--file", help="The vault's key file of this portal, such as vault/lincoln/lincoln.json.")]
Logins = Annotated[bool, typer.Option("--logins", help="On the portal's host: give every login of the database a new password.")]
Card = Annotated[Path | None, typer.Option(help="Write the public halves to this file, for the portal's cert/erasure.json.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command()
def make(
    district: Annotated[str, typer.Argument(help="The district's name to print on the sheets.")],
    out: Out,
    print_words: PrintWords = False,
    trial: Trial = False,
    as_json: AsJson = False,
) -> None:
    """Makes a restore key on a computer without a network. It makes three sheets to print and the public key for the portal. Any two
    sheets open the backups. The key itself is not stored.

    Example: homeroom keys make "Lincoln Unified" --out /dev/shm/lincoln
    """
    from homeroom.ops.backup import restore_keys

    if not trial:
        restore_keys.check_alone(out)
    pair, shares = restore_keys.make_key(district, out)
    _tell_sheets(pair.public, shares, out, as_json=as_json, print_words=print_words)


@keys.command()
def shares(
    public: Annotated[Path, typer.Option(help="The public half, restore.pub.")],
    share: Words = None,
    again: Again = False,
    district: AgainName = "",
    out: AgainOut = None,
    print_words: PrintWords = False,
    trial: Trial = False,
    as_json: AsJson = False,
) -> None:
    """Says whether two shares open what is sealed for a public half; with --again makes three new sheets of the same key.

    The words come from the terminal, unseen, or from files, or from standard input, a share a line.

    Example: homeroom keys shares --public restore.pub --again --district "Lincoln Unified" --out /dev/shm/again
    """
    from homeroom.ops.backup import restore_keys
    from homeroom.ops.backup.share_asking import shares_from

    if (again, again) != (out is not None, bool(district)):
        raise NotDone("To make new sheets, say --again, --district and --out together.")
    if not trial:
        restore_keys.check_alone(out)
    half = restore_keys.read_public(public)
    pair = restore_keys.key_of(shares_from(share or []), half)
    if out is None:
        _tell_opens(half, as_json=as_json)
    else:
        _tell_sheets(half, restore_keys.write_sheets(pair, district, out), out, as_json=as_json, print_words=print_words, is_again=True)


def _tell_opens(public: bytes, *, as_json: bool) -> None:
    from homeroom.seal.wrapping import named

    say_json({"opens": True, "key": named(public)}) if as_json else say(f"These shares open the key {named(public)}.")


def _tell_sheets(public: bytes, made: "Sequence[ReadShare]", out: Path, *, as_json: bool, print_words: bool, is_again: bool = False) -> None:
    """Shows the words only if the operator asked for them, and never in JSON, because scripts store it."""
    from homeroom.ops.backup.restore_keys import PUBLIC_FILE
    from homeroom.ops.backup.share_sheets import set_name
    from homeroom.seal.wrapping import named

    sheets = [str(out / f"share-{share.number}.pdf") for share in made]
    if as_json:
        say_json({"key": named(public), "set": set_name(made), "sheets": sheets})
        return
    say(f"The key: {named(public)}")
    say(f"{set_name(made)}: {', '.join(sheets)}")
    say(f"Print each sheet once, and give each to another holder. {'' if is_again else f'Copy {out / PUBLIC_FILE} for the portal. '}Then remove {out}.")
    if is_again:
        say("The old sheets go on making the same key, any two of them. Once the new ones are in their safes, destroy all old ones.")
    for share in made if print_words else ():
        say(f"\nShare {share.number}, {set_name(made)}")
        for number, word in enumerate(share.words, 1):
            say(f"{number:4} {word}")


@erasure.command("make")
def make_erasure(
    slug: Slug,
    file: KeyFile,
    months: Annotated[int, typer.Option(help="How many, from this month on.")] = 24,
    card: Card = None,
    as_json: AsJson = False,
) -> None:
    """Makes the erasure keys of the months to come, on the vault's host. A month that has one keeps it.

    Example: homeroom keys erasure make lincoln --file vault/lincoln/lincoln.json --months 24 --card erasure.json
    """
    from homeroom.ops.backup.key_rotation import make_months

    _tell_months(file, make_months(checked_slug(slug), file, months), card, as_json=as_json)


@keys.command()
def rotate(
    slug: Slug,
    restore: Restore = None,
    name: Annotated[str, typer.Option(help="With --restore: the key's name, typed from a sheet.")] = "",
    months: More = 0,
    file: Annotated[Path | None, typer.Option(help="With --months: the vault's key file of this portal.")] = None,
    card: Card = None,
    signing: Annotated[bool, typer.Option("--signing", help="On the portal's host: sign manifests with a new key from now on.")] = False,
    believe: Annotated[str, typer.Option(help="On the vault's host: the new signing key, as --signing answered.")] = "",
    logins: Logins = False, folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:
    """Replaces the restore key, the signing key or the passwords of the database's logins, or adds months of erasure keys.

    Example: homeroom keys rotate lincoln --restore restore.pub --name "8A95 902C CB17 03FA FB75 DC02 B6CF 82B0"
    """
    from homeroom.ops.backup import key_rotation

    if sum((restore is not None, months != 0, signing, bool(believe), logins)) != 1 or (months != 0) != (file is not None):
        raise NotDone("Say one of: --restore with --name, --signing or --logins, on the portal's host; --months with --file or --believe, on the vault's.")
    if file is not None:
        _tell_months(file, key_rotation.more_months(checked_slug(slug), file, months), card, as_json=as_json)
    elif signing:
        _tell_signing(slug, folder, as_json=as_json)
    elif believe:
        _believe(slug, believe, folder, as_json=as_json)
    elif logins:
        _tell_logins(slug, folder, as_json=as_json)
    elif restore is not None:
        _tell_installed(slug, restore, name, folder, as_json=as_json)


def _tell_installed(slug: str, restore: Path, name: str, folder: Path, *, as_json: bool) -> None:
    from homeroom.ops.backup.key_rotation import install_restore, still_needed

    key, before = install_restore(Installation.at(folder).portal(slug), restore, name)
    until = still_needed(date.today())  # noqa: DTZ011  a day for people
    if as_json:
        say_json({"key": key, "before": before, "keep_old_sheets_until": until})
        return
    say(f"{slug} seals its backups for {key} from now on.")
    say(f"Older backups open with the sheets of {before} alone.")
    say(f"Keep those sheets until {until}, and for as long as a backup that stands for an earlier month is to be opened.")
    say(f"Where `homeroom up` runs, a backup for the new key begins within seconds. Where it does not: homeroom backup run {slug}, now.")


def _tell_signing(slug: str, folder: Path, *, as_json: bool) -> None:
    from homeroom.ops.backup.key_rotation import new_signing_key
    from homeroom.seal.wrapping import named

    signer = new_signing_key(Installation.at(folder).portal(slug))
    if as_json:
        say_json({"signer": signer.hex(), "signer_name": named(signer)})
        return
    say(f"{slug} signs its backups with {named(signer)} from now on: write that name on the three sheets, below the one before.")
    say(f"On the vault's host, before the next backup: homeroom keys rotate {slug} --believe {signer.hex()}")


def _believe(slug: str, signer: str, folder: Path, *, as_json: bool) -> None:
    from homeroom.ops.backup.plan import vault_of
    from homeroom.ops.backup.setting_up import believe

    believe(vault_of(Installation.at(folder).folder, checked_slug(slug)), signer)
    told = f"The vault believes the new key of {slug}, and what the one before signed until now."
    say_json({"portal": slug, "signer": signer}) if as_json else say(told)


def _tell_logins(slug: str, folder: Path, *, as_json: bool) -> None:
    from homeroom.ops.host.logins import rotate as rotate_logins
    from homeroom.ops.host.owner import database_up, owner

    portal = Installation.at(folder).portal(slug)
    with database_up(portal):
        done = rotate_logins(portal)
        with owner(portal) as connection:
            connection.execute("SELECT note_event('key', 'done', NULL, 'logins rotated')")
    say_json({"portal": slug, "logins": done}) if as_json else say(f"New passwords: {', '.join(done)}. Nothing needs a restart.")


def _tell_months(file: Path, made: "Sequence[str]", card: Path | None, *, as_json: bool) -> None:
    from homeroom.seal.erasure import read_keys, write_card

    usable = write_card(file, card) if card else sorted(read_keys(file))
    if as_json:
        say_json({"made": made, "usable": usable})
        return
    say(f"Made for {made[0]} to {made[-1]}." if made else "Every one of these months has its key already; nothing was made.")
    say("Copy the key file to the vault's second host now." if made else f"Keys there: {len(usable)}.")
    if card:
        say(f"{card} goes to the portal, as cert/erasure.json.")


@keys.command()
def destroy(
    slug: Slug, file: KeyFile, month: Month = "", all_months: AllMonths = False, dry_run: DryRun = False, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Destroys the erasure key of a month, for good: no copy of a backup of that month opens any more, wherever it lies.

    Example: homeroom keys destroy lincoln --file vault/lincoln/lincoln.json --month 2026-11
    """
    from homeroom.ops.backup.key_rotation import months_to_destroy
    from homeroom.seal.erasure import destroy as destroy_keys
    from homeroom.seal.erasure import read_keys

    months = months_to_destroy(checked_slug(slug), file, month, is_all=all_months)
    if months and not dry_run and not yes:
        warning = f"No backup of {slug} of {_span(months)} will ever open again, in no tier."
        type_again(slug if all_months else month, warning, "Nothing was destroyed.")
    gone = [] if dry_run else destroy_keys(file, months, datetime.now(UTC))
    if as_json:
        say_json({"destroyed": gone, "would_destroy": months if dry_run else [], "left": sorted(read_keys(file))})
    elif not months:
        say("No month has a secret any more; nothing was destroyed.")
    elif dry_run:
        say(f"Would destroy the key of {_span(months)}: no backup of {slug} of that time would open any more. Nothing was destroyed.")
    else:
        say(f"Destroyed the key of {_span(months)}. No backup of {slug} of that time can be opened any more, in no tier.")
        say("Do the same with the key file of the vault's second host and with every copy of it, and bring the portal a new card.")


def _span(months: "Sequence[str]") -> str:
    return f"{months[0]} to {months[-1]}" if len(months) > 1 else months[0]
