"""`homeroom backup end|settle`: decisions that an operator of a vault makes once. The rounds follow them from then on."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json, show, type_again
from homeroom.ops.backup.commands import Slug, backup
from homeroom.ops.host.installation import FolderOption, Installation, checked_slug

NEXT = "the district gets its data, and `homeroom keys destroy --all` closes what copies may lie elsewhere."


def add_to() -> None:
    backup.command()(end)
    backup.command()(settle)


def end(
    slug: Slug,
    contract_ended: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which the contract with the district ended.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go then; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask to type it again.")] = False,
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """On the vault's host: from the contract's end on no month keeps a backup, and none waits to be copied on. A tier's days go on keeping theirs.

    Example: homeroom backup end lincoln --contract-ended 2027-06-30 --dry-run
    """
    from homeroom.ops.backup.plan import vault_of
    from homeroom.ops.backup.setting_up import checked_end, end_contract
    from homeroom.ops.backup.vault_round import listed

    found, day = vault_of(Installation.at(folder).folder, slug), checked_end(contract_ended.date(), datetime.now(UTC).date())
    rows = [row for row in listed(replace(found, contract_ended=day), datetime.now(UTC)) if row["why"] == "is pruned next"]
    if not dry_run and not yes:
        type_again(slug, f"{len(rows)} backups of {slug} go with the next round of pruning.")
    if not dry_run:
        end_contract(found, day)
    if as_json:
        say_json({"portal": slug, "contract_ended": day, "goes_next": rows, "dry_run": dry_run})
        return
    show("Goes with the next round of pruning", ("tier", "number", "moment", "bytes", "why it stays"), [list(row.values()) for row in rows])
    say("Nothing was changed." if dry_run else f"The contract with {slug} ended on {day}. Remaining: {NEXT}")


def settle(
    slug: Slug,
    numbers: Annotated[list[int] | None, typer.Argument(help="Backups that are lost, in whichever tier they are not whole.")] = None,
    new: Annotated[str, typer.Option(help="A tier that is another disk or bucket now: store, archive or offsite.")] = "",
    folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """On the vault's host: accepts as lost what `backup verify` reports about a backup and no one can repair. Later backups are
    copied and pruned again, and the alarm stops.

    Example: homeroom backup settle lincoln 17
    """
    from homeroom.ops.backup.plan import TIERS, vault_of
    from homeroom.ops.backup.settling import settle as settle_these

    if bool(numbers) == bool(new) or (new and new not in TIERS):
        raise NotDone(f"Say which backups, by their numbers, or --new with one of: {', '.join(TIERS)}.")
    done = settle_these(vault_of(Installation.at(folder).folder, checked_slug(slug)), numbers or [], new)
    if as_json:
        say_json({"portal": slug, "settled": done})
    else:
        say("; ".join(f"settled in the {tier}: {', '.join(map(str, each))}" for tier, each in done.items()) or f"The {new} is taken for a new one.")
