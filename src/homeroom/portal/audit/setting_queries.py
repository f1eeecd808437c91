"""Who changed a setting of the district and when, for the setting's page."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class SettingChange:
    """name: of who changed it, "" for the operator. changes: what was and what is, as JSON; each setting writes its own."""

    at: datetime
    name: str
    changes: str


CHANGES = Reading(SettingChange, "ledger_settings", setting="text")


def changes_of(setting: str) -> list[SettingChange]:
    """The newest first, some twenty; nothing for whoever holds no office."""
    return [replace(change, at=timezone.localtime(change.at)) for change in CHANGES(setting=setting)]
