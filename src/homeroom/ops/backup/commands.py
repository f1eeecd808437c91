"""The commands of `homeroom backup`. On a portal's host: nightly snapshots and drills. On the vault's host: copying, verifying and pruning."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, err, say, say_json, serves, show
from homeroom.ops.host.installation import FolderOption, Installation, checked_slug

backup = typer.Typer(no_args_is_help=True, help="Sealed backups: made, copied, proven by restoring, kept 3, 45 and 90 days.")
Slug = Annotated[str, typer.Argument(help="The portal's short name.")]
Restore = Annotated[Path, typer.Option("--restore-key", help="restore.pub, as `homeroom keys make` wrote it.")]
Name = Annotated[str, typer.Option("--restore-name", help="The key's name, typed from a sheet.")]
Card = Annotated[Path | None, typer.Option(help="The card of erasure keys, from the vault's host. On one host: left out.")]
StoreUrl = Annotated[str, typer.Option("--store", help="The backup store: a folder with its whole path, or s3://bucket/prefix.")]
ArchiveUrl = Annotated[str, typer.Option("--archive", help="The local archive.")]
OffsiteUrl = Annotated[str, typer.Option("--offsite", help="The off-site archive.")]
HEADS = ("tier", "number", "moment", "bytes", "whole", "why it stays")


def add_to(app: typer.Typer) -> None:
    app.add_typer(backup, name="backup")


@backup.command("set-up")
def set_up(
    slug: Slug, restore_key: Restore, restore_name: Name, store: StoreUrl, archive: ArchiveUrl, offsite: OffsiteUrl,
    card: Card = None,
    schedule: Annotated[str, typer.Option(help="When, as cron writes it, in the district's time zone.")] = "15 1 * * *",
    add: Annotated[Path | None, typer.Option(help="TOML: credentials of the backup store that may write and nothing else.")] = None,
    read: Annotated[Path | None, typer.Option(help="TOML: a section a tier, with credentials that may read.")] = None,
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Lets a portal make backups. Nothing on its host can open one or take one away.

    Example: homeroom backup set-up lincoln --restore-key restore.pub --restore-name "8A95 902C …" --card card.json --store s3://lincoln-store
    --archive s3://lincoln-archive --offsite s3://lincoln-offsite --add add.toml --read read.toml
    """
    from homeroom.ops.backup.setting_up import checked_key, make_erasure_keys, make_vault, set_up

    installation = Installation.at(folder)
    portal, urls = installation.portal(slug), {"store": store, "archive": archive, "offsite": offsite}
    public, is_one_host = checked_key(portal, restore_key, restore_name), card is None
    found = make_erasure_keys(installation.folder, slug, datetime.now(UTC)) if card is None else card
    credentials = {name: path for name, path in (("add", add), ("read", read)) if path}
    answer = set_up(portal, urls, schedule, public, found, credentials)
    if is_one_host:
        make_vault(installation.folder, slug, urls, answer["signer"], None, datetime.now(UTC))
    if as_json:
        say_json(answer)
        return
    say(f"{slug} makes a backup by the schedule {schedule!r}. Its manifests are signed by {answer['signer_name']}: write that name on the three sheets.")
    if not is_one_host:
        say(f"On the vault's host: homeroom backup vault {slug} --signer {answer['signer']} --store … --archive … --offsite …")


@backup.command("vault")
def vault(
    slug: Slug, store: StoreUrl, archive: ArchiveUrl, offsite: OffsiteUrl,
    signer: Annotated[str, typer.Option(help="What `homeroom backup set-up` answered. Left out: only the erasure keys and their card are made.")] = "",
    stores: Annotated[Path | None, typer.Option(help="TOML: a section a tier, with credentials that may read, write and delete.")] = None,
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Makes this host the vault of a portal: it copies, examines and prunes backups, and holds the erasure keys.

    Example: homeroom backup vault lincoln --store s3://lincoln-store --archive /vault/lincoln --offsite s3://lincoln-offsite --stores stores.toml
    """
    from homeroom.ops.backup.setting_up import make_erasure_keys, make_vault

    installation, now = Installation.at(folder), datetime.now(UTC)
    checked_slug(slug)
    if not signer:
        made = str(make_erasure_keys(installation.folder, slug, now))
        say_json({"portal": slug, "card": made}) if as_json else say(f"Bring {made} to the portal's host, and set its backups up there with --card.")
        return
    answer = make_vault(installation.folder, slug, {"store": store, "archive": archive, "offsite": offsite}, signer, stores, now)
    say_json(answer) if as_json else say(f"This host keeps the backups of {slug}. Put a copy of {answer['erasure_keys']} on a second host.")


@backup.command("run")
def run(
    slug: Slug,
    has_drill: Annotated[bool, typer.Option("--drill/--no-drill", help="Prove it by restoring. Without, `backup list` says so.")] = True,
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Makes a backup now and proves it: reads it back from that day's tier and restores it into an empty database.

    Example: homeroom backup run lincoln
    """
    from homeroom.ops.backup.run import run as run_one
    from homeroom.ops.backup.setting_up import checked_is_root_or_own

    portal = Installation.at(folder).portal(slug)
    checked_is_root_or_own(portal)
    with steps("backup") as tell:
        answer = run_one(portal, tell, has_drill=has_drill)
    say_json(answer) if as_json else told(answer)


@backup.command("drill")
def drill(
    slug: Slug,
    tier: Annotated[str, typer.Option(help="store, archive or offsite.")],
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Proves a tier: makes a backup, waits until it is there, and restores it from there. An older one only the shares open: `homeroom keys rehearse`.

    Example: homeroom backup drill lincoln --tier offsite
    """
    from homeroom.ops.backup.plan import TIERS
    from homeroom.ops.backup.run import run as run_one
    from homeroom.ops.backup.setting_up import checked_is_root_or_own

    if tier not in TIERS:
        raise NotDone(f"There is no tier {tier!r}; there is: {', '.join(TIERS)}.")
    portal = Installation.at(folder).portal(slug)
    checked_is_root_or_own(portal)
    with steps("drill") as tell:
        answer = run_one(portal, tell, tier=tier)
    say_json(answer) if as_json else told(answer)


def told(answer: dict[str, Any]) -> None:
    say(f"Backup {answer['number']} of {answer['portal']}: {answer['rows']:,} rows, {answer['bytes']:,} bytes sealed.")
    proof = answer["drill"]
    back = proof and f"{proof['tables']} tables and {proof['files']} stored files"
    say(f"Proven: restored from the {proof['tier']} copy, {back}, every sum agrees." if proof else "Not proven: no drill was done.")


@backup.command("copy")
def copy(slug: Slug, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """On the vault's host: copies what is new from tier to tier, once. `backup keep` does it all the time.

    Example: homeroom backup copy lincoln
    """
    from homeroom.ops.backup.plan import vault_of
    from homeroom.ops.backup.vault_round import copy_round

    done = copy_round(vault_of(Installation.at(folder).folder, slug), tell=lambda told: err.print(told, markup=False))
    if as_json:
        say_json({"copied": done.copied, "notes": done.notes, "troubles": done.troubles})
    else:
        say("; ".join(f"to the {tier}: {', '.join(map(str, numbers)) or 'nothing new'}" for tier, numbers in done.copied.items()) + f"; {done.notes} notes.")
    _stop_on(done.troubles)


@backup.command("list")
def list_(slug: Slug, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """What lies in each tier, from when, and how long it stays; and what became of the last runs.

    Example: homeroom backup list lincoln
    """
    from homeroom.ops.backup.listing import rows_of

    rows, runs, jumps = rows_of(Installation.at(folder).folder, slug, datetime.now(UTC))
    if as_json:
        say_json({"backups": rows, "runs": runs})
        return
    show(f"Backups of {slug}", HEADS, [list(row.values()) for row in rows])
    show("Last runs", ("number", "ended", "well", "what", "proven from"), [list(run.values()) for run in runs[-7:]])
    for jump in jumps:
        say(jump)


@backup.command("verify")
def verify(
    slug: Slug,
    is_deep: Annotated[bool, typer.Option("--deep", help="Read every sealed byte of every backup again.")] = False,
    is_next: Annotated[bool, typer.Option("--next", help="Read those of the backup in each tier that was read longest ago, as `backup keep` does.")] = False,
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """On the vault's host: whether each tier's chain is whole, and nothing was changed, swapped, rolled back or taken early. Exit code 1: not.

    Example: homeroom backup verify lincoln --deep
    """
    from homeroom.ops.backup.plan import vault_of
    from homeroom.ops.backup.vault_round import examined, look_deeper

    vault = vault_of(Installation.at(folder).folder, slug)

    def tell(told: str) -> None:
        err.print(told, markup=False)

    found = look_deeper(vault, datetime.now(UTC), tell) if is_next else examined(vault, is_deep=is_deep, tell=tell)
    wrong = [sentence for sentences in found.values() for sentence in sentences]
    if as_json:
        say_json(found)
    elif not wrong:
        say(f"What was read of {slug} is whole." if is_next else f"All three tiers of {slug} are whole.")
    _stop_on(wrong)


@backup.command("prune")
def prune(
    slug: Slug,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go and what would stay, and why; remove nothing.")] = False,
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """On the vault's host: takes away what no tier keeps any longer. Manifests stay, so that the chain can be read.

    Example: homeroom backup prune lincoln --dry-run
    """
    from homeroom.ops.backup.plan import vault_of
    from homeroom.ops.backup.vault_round import listed, prune_round

    found, now = vault_of(Installation.at(folder).folder, slug), datetime.now(UTC)
    if dry_run:
        rows = listed(found, now)
        say_json(rows) if as_json else show("Would stay or go", HEADS, [list(row.values()) for row in rows])
        return
    answer = prune_round(found, now)
    if as_json:
        say_json(answer)
    else:
        for tier, done in answer.items():
            say(f"{tier}: {len(done['pruned'])} backups pruned, {done['bytes']:,} bytes.")
    _stop_on([sentence for done in answer.values() for sentence in done["troubles"]])


@backup.command("alarm")
def alarm(
    slug: Slug,
    to: Annotated[str, typer.Option(help="The address of the person who operates the backups; \"\" for no one.")],
    relay: Annotated[str, typer.Option(help="On a host without the portal: the SMTP relay, such as smtp.example.org:587.")] = "",
    sender: Annotated[str, typer.Option("--from", help="With --relay: the sender of the emails.")] = "",
    security: Annotated[str, typer.Option(help="With --relay: starttls, tls or none.")] = "starttls",
    user: Annotated[str, typer.Option(help="With --relay: a user name for it. Put its password, alone, into the file `relay` next to alarm.toml.")] = "",
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sets who gets an email when something is wrong: a backup fails or is late, a tier is missing data, keys run out, or a
    rehearsal is due. Sends a first email as a test.

    Example: homeroom backup alarm lincoln --to ops@example.org
    """
    from homeroom.ops.backup.alarm_setting import set_alarm

    words = {name: value for name, value in (("relay", relay), ("from", sender), ("security", security), ("user", user)) if value} if relay else {}
    places = set_alarm(Installation.at(folder).folder, checked_slug(slug), to, words, datetime.now(UTC))
    if as_json:
        say_json({"portal": slug, "to": to, "of": places})
    else:
        say(f"Alarms of {' and '.join(places)} go to {to}; a first email is on its way." if to else "No one gets an email.")


@backup.command("keep")
@serves
def keep(folder: FolderOption = Path()) -> None:
    """Runs until SIGTERM: backups when they are due, one portal at a time; notes within a minute; on the vault's host copies and pruning.

    Example: homeroom backup keep --folder /srv/homeroom
    """
    from homeroom.ops.backup.keeper import keep as keep_on

    keep_on(Installation.at(folder), tell=lambda line: err.print(line, markup=False))


def _stop_on(troubles: list[str]) -> None:
    if troubles:
        for sentence in troubles[:-1]:
            err.print(sentence, markup=False)
        raise NotDone(troubles[-1])


def steps(verb: str) -> Any:
    from homeroom.ops.step_bar import Steps

    return Steps(verb)
