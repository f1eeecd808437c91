"""Duties in the reader's words."""

from django.utils.translation import gettext as _


def duties() -> dict[str, str]:
    return {
        "principal": _("principal"),
        "counselor": _("counselor"),
        "registrar": _("registrar"),
        "attendance clerk": _("attendance clerk"),
    }


def duty_named(duty: str) -> str:
    return duties().get(duty, duty)
