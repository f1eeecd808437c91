"""Who changed a setting of the district and when, for the setting's page."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class SettingChange:
    """`name` is the person who changed it, "" for the operator. `changes` has the old and the new value as JSON, which each setting writes its own
    way."""

    at: datetime
    name: str
    changes: str


CHANGES = Reading(SettingChange, "ledger_settings", setting="text")


def changes_of(setting: str) -> list[SettingChange]:
    """Returns at most 20 changes, newest first. Empty for anyone who isn't an administrator."""
    return [replace(change, at=timezone.localtime(change.at)) for change in CHANGES(setting=setting)]
