"""Reads the district's choices. They are no secret, so the public page may read them, too."""

from dataclasses import dataclass

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class PublishedSetting:
    setting: str
    choice: str


SHOWN = Reading(PublishedSetting, "settings_published")


def choices_now() -> dict[str, str]:
    return {each.setting: each.choice for each in SHOWN()}
