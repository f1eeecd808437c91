"""The doctor's checks of the database, as owner: server settings, rights, freshness, limits, signing keys and time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from homeroom.ops.doctor.lines import dated
from homeroom.ops.gateway.senders import keys_in
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.owner import owner
from homeroom.ops.portal import limits
from homeroom.ops.portal.events import waits_since
from homeroom.portal.access.catalogue import differences
from homeroom.portal.intake.reports.sending import missed
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import PASSWORD_LOGINS, SETTINGS, is_running
from homeroom.portal.processes.layout import own_cluster
from homeroom.portal.processes.logins import PATIENCE, unfinished

WATCHED = (
    "log_statement",
    "log_min_error_statement",
    "log_min_messages",
    "log_parameter_max_length",
    "log_parameter_max_length_on_error",
    "log_error_verbosity",
    "track_activity_query_size",
)
LEAST_VERSION = 160000
LATE = timedelta(hours=36)
BEHIND = timedelta(minutes=30)  # of a receiver of security events
FRESHNESS = "SELECT (SELECT max(signed_at) FROM delivery WHERE state = 'imported'), time_zone FROM district"


def database(portal: Path) -> Iterator[Finding]:
    cluster = own_cluster(portal)
    if cluster is not None and not is_running(cluster):
        yield Finding("bad", f"{portal.name}: database", "Is not running, so it was not examined. Start the portal.")
        return
    with owner(portal) as connection:
        for look in (server, rights, freshness, odd_limits, signers):
            for state, what, told in look(connection):
                yield Finding(state, f"{portal.name}: {what}", told)
        for state, what, told in (*days(connection, Place.read(portal).time_zone), *logins(connection, portal), *events(connection, portal)):
            yield Finding(state, f"{portal.name}: {what}", told)


def server(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    version = connection.info.server_version
    if version < LEAST_VERSION:
        yield Finding("bad", "PostgreSQL", f"Version {version // 10000} is too old. Homeroom needs 16 or newer.")
    shown = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in WATCHED}
    odd = [name for name, row in shown.items() if row is None or not same(row[0], SETTINGS[name])]
    if odd:
        yield Finding(
            "bad", "PostgreSQL's log", f"Its settings let values of children out: {', '.join(odd)}. Restart the portal."
        )
    else:
        yield Finding("ok", "PostgreSQL's log", "Keeps statements, values and error messages to itself.")


def same(live: str, ours: str) -> bool:
    """Compares a live setting with ours. The server writes 0 as 0 and 100 as 100B."""
    return live.rstrip("B") == ours


def rights(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    odd = differences(connection, PATIENCE)
    if odd:
        yield Finding(
            "bad", "rights and policies", f"Not as the files say: {'; '.join(odd[:5])}. Run `homeroom portal upgrade`."
        )
    else:
        yield Finding("ok", "rights and policies", "Exactly as the files say, and no login may more.")


def logins(connection: psycopg.Connection[Any], portal: Path) -> Iterator[Finding]:
    """Checks what the server's administrator sets up for the logins, and says how old their passwords are."""
    if odd := unfinished(connection):
        server = "" if own_cluster(portal) else " --database postgresql://postgres@HOST/postgres"
        told = "; ".join(odd)
        yield Finding("bad", "logins", f"{told[0].upper()}{told[1:]}. Stop the portal, then run `homeroom portal upgrade {portal.name}{server}`.")
        return
    made = min((portal / "secrets" / login).stat().st_mtime for login in PASSWORD_LOGINS)
    days = (datetime.now(UTC) - datetime.fromtimestamp(made, UTC)).days
    yield Finding("ok", "logins", f"The oldest password is {days} days old. `homeroom keys rotate {portal.name} --logins` makes new ones without a stop.")


def events(connection: psycopg.Connection[Any], portal: Path) -> Iterator[Finding]:
    """Reports a receiver of security events that is behind. A long import delays events too."""
    place = Place.read(portal)
    for target in (["syslog"] if place.events_syslog else []) + (["file"] if place.events_file else []):
        since = waits_since(connection, target)
        if since is not None and datetime.now(UTC) - since > BEHIND:
            told = f"The receiver by {target} does not have events since {since:%b %d, %H:%M} UTC. None is lost. log/jobs.log says why."
            yield Finding("bad", "security events", told)
        else:
            yield Finding("ok", "security events", f"The receiver by {target} has them.")


def freshness(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Reports a missed file as bad, if the district announced a nightly one. Otherwise, warns if the last import is old."""
    now = datetime.now(UTC)
    signed, zone = connection.execute(FRESHNESS).fetchone() or (None, "UTC")
    age = now - signed if signed else None
    told = f"The last import is {age.total_seconds() / 3600:.0f} hours old." if age else "Nothing was imported yet."
    if due := missed(connection, zone, now):
        at = f"{due.astimezone(ZoneInfo(zone)):%Y-%m-%d, %H:%M}"
        yield Finding("bad", "freshness", f"The nightly file has not come; it was expected by {at}. Ask the district's IT contact. {told}")
    else:
        yield Finding("ok" if age and age <= LATE else "warn", "freshness", told)


def signers(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Checks each sender's last key. The portal accepts no files of a sender whose last key has ended. Leaves revoked keys out."""
    keys = [key for key in keys_in(connection, "") if not key.is_revoked]
    for name in dict.fromkeys(key.sender for key in keys):
        key = next(key for key in keys if key.sender == name)  # the one that ends last, as keys_in() sorts them
        found = dated(f"signing key of {name}", key.ends)
        yield found if found.state == "ok" else found._replace(told=f"{found.told.partition('. ')[0].rstrip('.')}. The district renews it: docs/renewing.md.")


def days(connection: psycopg.Connection[Any], wanted: str) -> Iterator[Finding]:
    """Checks that portal.toml and the database have the same time zone. The database dates access and views by its own."""
    row = connection.execute("SELECT time_zone FROM district").fetchone()
    if row and row[0] != wanted:
        yield Finding("bad", "time zone", f"portal.toml says {wanted} and the database {row[0]}. Run `homeroom portal upgrade`.")


def odd_limits(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    if odd := limits.oddity(connection):
        yield Finding("bad", "limits", odd)
