"""`homeroom restore` and `homeroom keys rehearse`."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, err, say, say_json, show
from homeroom.ops.backup.key_commands import keys
from homeroom.ops.host.installation import FolderOption, Installation, checked_slug

if TYPE_CHECKING:
    from homeroom.ops.restore.restoring import Chosen

Slug = Annotated[str, typer.Argument(help="The portal's short name, as it was.")]
From = Annotated[str, typer.Option("--from", help="One tier: a folder with its whole path, or s3://bucket/prefix.")]
Erasure = Annotated[Path, typer.Option(help="The vault's file of erasure keys of this portal.")]
Signer = Annotated[list[str] | None, typer.Option(help="Fingerprint of the key that signed the backups, from the sheets. Repeat it for an "
                                                       "older key that it replaced.")]
Shares = Annotated[list[Path] | None, typer.Option("--share", help="A file with a share's words, twice. Left out: they are asked for.")]
Credentials = Annotated[Path | None, typer.Option(help="TOML: credentials that may read the tier.")]
Section = Annotated[str, typer.Option("--tier", help="Which section of the credentials' file, where it has one for each tier.")]
NotesUntil = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%dT%H:%M"], help="UTC. Leave out notes that arrived in the tier later, for example if an attacker controlled "
                                                  "the portal's host from then on."),
]


def add_to(app: typer.Typer) -> None:
    app.command()(restore)
    keys.command()(rehearse)


def restore(
    slug: Slug, source: From, erasure: Erasure, signer: Signer = None, share: Shares = None, credentials: Credentials = None, tier: Section = "",
    number: Annotated[int | None, typer.Option(help="Which backup. Left out: the newest that is whole.")] = None,
    jobs: Annotated[int, typer.Option(help="How many tables to restore in parallel.", min=1, max=16)] = 2,
    notes_until: NotesUntil = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show which backup it would use and what the tier has. Change nothing.")] = False,
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Brings a portal back on a computer that has nothing of it, from one tier, two shares and the erasure key.

    Only administrators can sign in until two of them have reviewed the access that was removed since the backup.

    Example: homeroom restore lincoln --from s3://lincoln-offsite --erasure lincoln.json --signer "1A2B 3C4D …" --folder /srv/homeroom
    """
    from homeroom.ops.backup.commands import steps
    from homeroom.ops.backup.restore_keys import key_of
    from homeroom.ops.backup.share_asking import shares_from
    from homeroom.ops.restore.restoring import choose, keys_for, next_steps, outline, restored
    from homeroom.vault.store import Store

    installation = Installation.at(folder)
    chosen = choose(checked_slug(slug), Store(source, _words(credentials, tier)), signer or (), number)
    _warn(chosen)
    if dry_run:
        _told(slug, source, outline(chosen), as_json=as_json)
        return
    keys = keys_for(chosen, lambda public: key_of(shares_from(share or []), public), erasure)
    with steps("restore") as tell:
        answer = restored(installation, slug, chosen, keys, jobs, tell, until=notes_until and notes_until.replace(tzinfo=UTC))
    say_json(answer) if as_json else _told_back(slug, answer, next_steps(installation.folder / "portals" / slug, erasure))


def _warn(chosen: "Chosen") -> None:
    """Prints the chain's troubles. One of them is a backup that an older key signed. A second --signer would accept it."""
    for trouble in chosen.chain.troubles:
        err.print(trouble, markup=False)


def _told_back(slug: str, answer: dict[str, Any], steps: list[str]) -> None:
    say(f"{slug} is as it was at {answer['at'][:16].replace('T', ' ')} UTC; {answer['notes']} access removals since then were done again.")
    if answer["erased_students"]:
        say(f"{answer['erased_students']} students were erased again. Where the district directed fewer, restore anew with --notes-until: see docs/vault.md.")
    if answer["missing_notes"]:
        left = f", {answer['left_out_notes']} of them left out as you said" if answer["left_out_notes"] else ""
        say(f"{answer['missing_notes']} notes of such acts are missing{left}. Ask the district which restrictions it set that day.")
    for step in [answer["store"], *steps] if answer["store"] else steps:
        say(step)


def _told(slug: str, source: str, found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    show(f"Backups of {slug} in {source}", ("number", "moment", "bytes", "whole"), [list(row.values()) for row in found["backups"]])
    say(
        f"It would be backup {found['chosen']}: {found['tables']} tables, {found['rows']:,} rows. Needed: two shares of the key "
        f"{found['restore_key']}, and the erasure key of {found['month']}."
    )


def rehearse(
    slug: Slug, source: From, erasure: Erasure, signer: Signer = None, share: Shares = None, credentials: Credentials = None, tier: Section = "",
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Restores the oldest backup of a tier with the real shares, compares it, wipes it, and records that it was done. Due every six months.

    Example: homeroom keys rehearse lincoln --from s3://lincoln-offsite --erasure lincoln.json --signer "1A2B 3C4D …"
    """
    from homeroom.ops.backup.commands import steps
    from homeroom.ops.backup.restore_keys import key_of
    from homeroom.ops.backup.share_asking import shares_from
    from homeroom.ops.restore.rehearsal import oldest, where
    from homeroom.ops.restore.rehearsal import rehearse as rehearse_one
    from homeroom.ops.restore.restoring import choose
    from homeroom.vault.store import Store

    installation = Installation.at(folder)
    at = where(installation.folder, checked_slug(slug))
    chosen = oldest(choose(slug, Store(source, _words(credentials, tier)), signer or (), None))
    _warn(chosen)
    with steps("rehearsal") as tell:
        entry = rehearse_one(at, chosen, lambda public: key_of(shares_from(share or []), public), erasure, tell)
    if as_json:
        say_json(entry)
        return
    say(f"Backup {entry['number']} came back whole with these shares: {entry['tables']} tables, {entry['files']} stored files. It is recorded, and wiped.")
    if at.holder.parent.name == "vault":
        say(f"Copy {at.record / 'rehearsals.json'} to the portal's host, as backup/rehearsals-vault.json of its folder: the doctor there asks for it.")


def _words(path: Path | None, tier: str) -> dict[str, str]:
    """Raises NotDone."""
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as odd:
        raise NotDone(f"{path} cannot be read as TOML.") from odd
    sections = [name for name, words in found.items() if isinstance(words, dict)]
    if tier not in sections and (tier or sections):
        told = f"has a section for each tier. Say which with --tier: {', '.join(sections)}" if sections else "has no sections. Leave --tier out"
        raise NotDone(f"{path} {told}.")
    return {key: str(value) for key, value in (found[tier] if tier else found).items()}
