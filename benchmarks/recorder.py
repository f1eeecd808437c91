"""Django in this process as the login app, so that a page's queries can be written down with their values."""

import os
from collections.abc import Callable
from typing import Any

from benchmarks.ground import Ground
from benchmarks.people import Visitor


def recorded(here: Ground, visitor: Visitor) -> list[tuple[str, Any]]:
    """The view's queries in their order with their values; without the look, the claim and the transaction's ends."""
    _set_up(here)
    from django.db import connection
    from django.test import Client

    client = Client()
    name, _, token = visitor.cookie.partition("=")
    client.cookies[name] = token
    found: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], statement: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
        found.append((statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(note):
        answer = client.get(visitor.whole, HTTP_HOST=f"127.0.0.1:{here.place.port}")
    if answer.status_code != 200:
        raise SystemExit(f"{visitor.path} answered {answer.status_code} to the recorder")
    return found


def _set_up(here: Ground) -> None:
    wanted = {
        "HOMEROOM_PORTAL": str(here.portal),
        "HOMEROOM_LOGIN": "app",
        "DJANGO_SETTINGS_MODULE": "homeroom.portal.settings",
    }
    if os.environ.get("HOMEROOM_PORTAL") == str(here.portal):
        return
    os.environ.update(wanted)
    import django

    django.setup()
