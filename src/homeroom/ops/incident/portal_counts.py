"""The number of affected people that a district counted on its page *Incidents*: one number, and nothing else of the portal. Only if its database runs."""

import re
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.host.owner import owner
from homeroom.portal.processes.cluster import is_running
from homeroom.portal.processes.layout import own_cluster

NUMBER = re.compile(r"(\d{4})-(\d{1,6})")
TOTAL = """SELECT (f.facts->'total'->>'people')::integer FROM incident_fact f JOIN incident i ON i.id = f.incident_id
    WHERE i.year = %s AND i.number = %s AND f.kind IN ('counted', 'set aside') ORDER BY f.id DESC LIMIT 1"""


def counted_there(portal: Path, number: str) -> int:
    """Returns the newest total of that portal's incident, such as 2027-3. Never starts a database: it may be stopped for a reason. Raises NotDone."""
    named = NUMBER.fullmatch(number)
    if named is None:
        raise NotDone(f"{number!r} is no number of a district's incident. Its page Incidents shows one like 2027-3.")
    cluster = own_cluster(portal)
    if cluster is not None and not is_running(cluster):
        raise NotDone(f"The database of {portal.name} doesn't run, and this command doesn't start it. Ask the district, and type the number.")
    with owner(portal) as connection:
        connection.read_only = True
        row = connection.execute(TOTAL, [int(each) for each in named.groups()]).fetchone()
    if row is None or row[0] is None:
        raise NotDone(f"{portal.name} has no incident {number} with a count.")
    return int(row[0])
