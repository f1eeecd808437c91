"""What is wrong with backups: the last run and its drill, the keeper, keys, stores, rehearsals and vaults. The doctor shows it, and alarms email it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from homeroom.ops.backup.plan import TIERS, Plan, Vault, has_backups, last_due
from homeroom.ops.backup.rehearsals import EVERY, last_rehearsal
from homeroom.ops.backup.results import LATE, is_ahead, results
from homeroom.ops.backup.vault_round import examined
from homeroom.ops.host.alive import KEEPER, process_of
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.forked_work import Apart
from homeroom.portal.place import Place
from homeroom.portal.processes.users import user_of
from homeroom.seal.erasure import month_of, read_card, read_keys
from homeroom.vault.store import folder_of

AHEAD = 2  # months of erasure keys that should be there, after this month


def backups(portal: Path) -> Iterator[Finding]:
    what = f"{portal.name}: backups"
    if not (portal / "backup.toml").exists():
        yield Finding("bad", what, "None is made. No family's data belongs here before `homeroom backup set-up` and a first good run.")
        return
    plan, place = Plan.read(portal), Place.read(portal)
    yield recent(portal, plan, place)
    yield months(f"{portal.name}: erasure keys", sorted(read_card(portal / "cert" / "erasure.json")), place)
    yield from stores(portal, plan)
    yield rehearsal(f"{portal.name}: rehearsal", portal / "backup", datetime.fromtimestamp((portal / "cert" / "restore.pub").stat().st_mtime, UTC))


def keeper(installation: Path) -> Iterator[Finding]:
    """Checks that a keeper runs on a host that makes or keeps backups."""
    if not has_backups(installation):
        return
    process = process_of(installation, KEEPER)
    if process is None:
        yield Finding("bad", "keeper", "None runs, so no backup is made or copied here. Start `homeroom up` or `homeroom backup keep`.")
    else:
        yield Finding("ok", "keeper", f"Runs (process {process})." if process else "Runs.")


def recent(portal: Path, plan: Plan, place: Place) -> Finding:
    """Checks the last run, and whether a later one is overdue."""
    what, runs = f"{portal.name}: backups", results(portal)
    good = [run for run in runs if run.is_well]
    due = last_due(plan.schedule, place.zone, datetime.now(UTC))
    if runs and not runs[-1].is_well:
        return Finding("bad", what, f"The last run failed: {runs[-1].told}")
    if not good:
        return Finding("bad", what, f"None yet. The next is due by {plan.schedule!r}. Make the first one now: `homeroom backup run {portal.name}`.")
    at = datetime.fromisoformat(good[-1].at)
    if is_ahead(at, datetime.now(UTC)):
        return Finding("bad", what, f"The last one is dated {at:%b %d, %Y}, so a clock was wrong. The next one starts immediately. Check the clock.")
    if at < due and datetime.now(UTC) - due > LATE:
        return Finding("bad", what, f"None since {at:%b %d, %H:%M} UTC, and one was due. Look whether `homeroom up` or `homeroom backup keep` runs.")
    if not good[-1].tier:
        return Finding("warn", what, f"Backup {good[-1].number} was made without a drill, so it isn't proven.")
    return Finding("ok", what, f"Backup {good[-1].number} of {at:%b %d, %H:%M} UTC, restored from the {good[-1].tier} copy to prove it.")


def months(what: str, known: list[str], place: Place | None) -> Finding:
    this = month_of(datetime.now(place.zone if place else UTC))
    left = [month for month in known if month >= this]
    if this not in known:
        return Finding("bad", what, f"No erasure key for {this}. Make more with `homeroom keys erasure make`, and bring the card over.")
    if len(left) <= AHEAD:
        return Finding("warn", what, f"They end with {left[-1]}. Make more with `homeroom keys erasure make`, and bring the card over.")
    return Finding("ok", what, f"There until {left[-1]}.")


def stores(portal: Path, plan: Plan) -> Iterator[Finding]:
    """Checks each tier with the drill's user and credentials."""
    for tier in TIERS:
        what, url = f"{portal.name}: {tier}", plan.urls[tier]
        with Apart("doctor", user_of(portal, "dump"), [], lambda _, tier=tier: len(plan.store_to_read(tier).names(f"{portal.name}/backups/"))) as child:  # type: ignore[misc]
            try:
                count = child.hear("done")
            except Exception as away:  # noqa: BLE001  a finding, and the next tier is checked
                yield Finding("bad", what, str(away))
                continue
        if folder_of(url) is not None and tier != "archive":
            yield Finding("warn", what, f"{url} answers. It is a folder, so anyone who controls its host can remove backups.")
        else:
            yield Finding("ok", what, f"{url} answers, {count} objects.")


def rehearsal(what: str, folder: Path, since: datetime) -> Finding:
    last = last_rehearsal(folder)
    age = datetime.now(UTC) - (last or since)
    if age > EVERY:
        when = f"The last one was on {last:%b %d, %Y}" if last else "No rehearsal yet"
        return Finding("bad", what, f"{when}. It is due every six months, with the real shares: `homeroom keys rehearse`.")
    if last is None:
        return Finding("warn", what, f"None yet; the first is due by {since + EVERY:%b %d, %Y}: `homeroom keys rehearse`.")
    return Finding("ok", what, f"The last one, with the real shares, was on {last:%b %d, %Y}.")


def vault(folder: Path) -> Iterator[Finding]:
    """Checks a vault, on its own host."""
    found = Vault.read(folder)
    yield months(f"vault of {found.portal}: erasure keys", sorted(read_keys(found.keys)), None)
    with Apart("doctor", None, [], lambda _: examined(found, is_deep=False)) as child:
        tiers: dict[str, list[str]] = child.hear("done")
    for tier, wrong in tiers.items():
        what = f"vault of {found.portal}: {tier}"
        yield Finding("bad", what, wrong[0]) if wrong else Finding("ok", what, "Its chain is whole.")
