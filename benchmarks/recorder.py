"""Runs Django in this process as the login app, to record a page's queries with their values."""

import os
from collections.abc import Callable
from typing import Any

from psycopg.pq import PipelineStatus

from benchmarks.ground import Ground
from benchmarks.people import Visitor

type Together = list[tuple[str, Any]]  # statements with their values, sent before the first answer


def recorded(here: Ground, visitor: Visitor) -> list[Together]:
    """Returns the view's queries in their order, as they are sent. Leaves out the log entry, the claim and the transaction's ends."""
    _set_up(here)
    from django.db import connection
    from django.test import Client

    client = Client()
    name, _, token = visitor.cookie.partition("=")
    client.cookies[name] = token
    found: list[Together] = []
    was_piped = False

    def note(execute: Callable[..., Any], statement: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal was_piped
        is_piped = connection.connection.pgconn.pipeline_status != PipelineStatus.OFF
        if is_piped and was_piped:
            found[-1].append((statement, values))
        else:
            found.append([(statement, values)])
        was_piped = is_piped
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
