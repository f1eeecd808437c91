"""The doctor's checks of email: whether there is a relay, whether it answers, and whether reports are waiting."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

from homeroom.ops.host.finding import Finding
from homeroom.ops.host.owner import owner
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import is_running
from homeroom.portal.processes.layout import own_cluster
from homeroom.portal.relay import Relay, connect, read_relay

STUCK = "SELECT count(*) FROM report WHERE sent_at IS NULL AND made_at < now() - interval '1 hour'"


def mail(portal: Path) -> Iterator[Finding]:
    """Raises PlaceOdd if portal.toml is wrong."""
    relay = read_relay(Place.read(portal))
    if relay is None:
        told = "No mail relay, so no one gets emails about imports or a missing file. Name one under [mail] in portal.toml. docs/hosting.md says how."
        yield Finding("warn", f"{portal.name}: mail", told)
        return
    if relay.is_in_clear:
        told = f'Emails, and the codes in them, go to {relay.host} without TLS. Say security = "starttls" under [mail] in portal.toml.'
        yield Finding("warn", f"{portal.name}: mail", told)
    yield _answering(portal, relay)
    cluster = own_cluster(portal)
    if cluster is None or is_running(cluster):
        yield from _waiting(portal)


def _answering(portal: Path, relay: Relay) -> Finding:
    what = f"{portal.name}: mail relay"
    try:
        connect(relay).close()
    except (smtplib.SMTPException, OSError) as away:
        return Finding("bad", what, f"{relay.host}:{relay.port} does not let us in ({type(away).__name__}). See [mail] in portal.toml.")
    return Finding("ok", what, f"{relay.host}:{relay.port} answers.")


def _waiting(portal: Path) -> Iterator[Finding]:
    what = f"{portal.name}: import reports"
    with owner(portal) as connection:
        (to,) = connection.execute("SELECT it_mail FROM district").fetchone() or ("",)
        (stuck,) = connection.execute(STUCK).fetchone() or (0,)
    if not to:
        yield Finding("warn", what, f"Go to no one. Choose an address with `homeroom portal nightly {portal.name} --mail`.")
    elif stuck:
        yield Finding("warn", what, f"{stuck} of the last 60 days did not go out. See log/jobs.log.")
    else:
        yield Finding("ok", what, "All went out.")
