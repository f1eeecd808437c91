"""Django in this process as the login app, so that a page's queries can be written down with their values."""

import os

from benchmarks.ground import Ground
from benchmarks.people import Visitor


def recorded(here: Ground, visitor: Visitor) -> list[str]:
    """The view's queries in their order, values in; without the look, the claim and the transaction's ends."""
    _set_up(here)
    from django.db import connection, reset_queries
    from django.test import Client

    client = Client()
    name, _, token = visitor.cookie.partition("=")
    client.cookies[name] = token
    connection.force_debug_cursor = True
    reset_queries()
    path = visitor.path + ("?all=all" if visitor.student else "?view=grid")
    answer = client.get(path, HTTP_HOST=f"127.0.0.1:{here.place.port}")
    connection.force_debug_cursor = False
    if answer.status_code != 200:
        raise SystemExit(f"{visitor.path} answered {answer.status_code} to the recorder")
    return [query["sql"] for query in connection.queries if query["sql"] not in ("BEGIN", "COMMIT")]


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
