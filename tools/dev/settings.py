"""Production's settings, except that each request reads its templates from the files."""

from homeroom.portal.settings import *  # noqa: F403  all of them
from homeroom.portal.settings import TEMPLATES

TEMPLATES[0] |= {"APP_DIRS": False}
TEMPLATES[0]["OPTIONS"] |= {"loaders": [f"django.template.loaders.{kind}.Loader" for kind in ("filesystem", "app_directories")]}  # type: ignore[operator]
