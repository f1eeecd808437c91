"""Lincoln's export as its system wrote it in OneRoster 1.1."""

from homeroom.formats.oneroster_11 import TABLES
from homeroom.portal.intake.tests.export import Export

ADMINISTRATORS = ("districtAdministrator", "siteAdministrator", "principal")
LACKING = ("roles", "scoreScales", "lineItemScoreScales", "resultScoreScales")


def older(export: Export) -> Export:
    """Keeps only each person's first role, with all its schools. OneRoster 1.1 has one role for each user."""
    made = export.copy()
    made.catalogue = TABLES
    made.manifest = {"oneroster.version": "1.1", **made.manifest}
    roles = made.tables["roles"]
    for stem in LACKING:
        made.tables.pop(stem, None)
    for user in made.tables["users"]:
        mine = [role for role in roles if role["userSourcedId"] == user["sourcedId"]]
        word = next((role["role"] for role in mine), "student")
        user["role"] = "administrator" if word in ADMINISTRATORS else word
        user["orgSourcedIds"] = ",".join(dict.fromkeys(role["orgSourcedId"] for role in mine if role["role"] == word))
    for work in made.tables.get("lineItems", []):
        work["gradingPeriodSourcedId"] = work["academicSessionSourcedId"]
        work["resultValueMin"] = work.get("resultValueMin") or "0"
    return made
