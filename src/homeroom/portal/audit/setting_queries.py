"""Who changed a setting of the district and when, for the setting's page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from homeroom.portal.access.asking import rows

CHANGES = "SELECT at, name, changes FROM ledger_settings(%(setting)s)"


@dataclass(frozen=True, slots=True)
class SettingChange:
    """changes: what was and what is, as JSON; each setting writes its own."""

    at: datetime
    by: str
    changes: str


def changes_of(setting: str) -> list[SettingChange]:
    """The newest first, some twenty; nothing for whoever holds no office."""
    return [SettingChange(timezone.localtime(at), by, changes) for at, by, changes in rows(CHANGES, {"setting": setting})]
