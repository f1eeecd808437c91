"""@supported: a page of the operator's support. It claims the support session itself. asking() finds no one there, and no guard applies."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.guard import View, unguarded
from homeroom.portal.support.models import MOST_STUDENTS

SIGN_IN = "/support/sign-in"


@dataclass(frozen=True, slots=True)
class Asker:
    """The supporter who asks, and how long and for how many students the grant is."""

    name: str
    until: datetime
    students: int


class SupportRequest(HttpRequest):
    """A request that a supported view receives."""

    supporter: Asker


def supported(view: Callable[..., HttpResponse]) -> View:
    """A view with a `number` shows that student of the grant. The access log entry is written and committed first."""

    @wraps(view)
    def entered(request: SupportRequest, **words: Any) -> HttpResponse:
        proof, number = proof_of(request), words.get("number")
        if number is not None and number > MOST_STUDENTS:
            raise Http404
        entry = server_bound("SELECT support_look(%s, %s)", (proof, number)) if number is not None else None
        with transaction.atomic():
            answer = server_bound("SELECT begin_support(%s, %s)::text", (proof, entry))
            if answer is None:
                return sign_in_first(request)
            if entry == 0:
                raise Http404
            found = json.loads(answer)
            request.supporter = Asker(found["name"], datetime.fromisoformat(found["until"]), found["students"])
            return view(request, **words)

    return unguarded("asks for a support session whose grant runs; the functions of reading.sql ask for it again, each time")(require_GET(entered))


def proof_of(request: HttpRequest) -> bytes:
    token = request.COOKIES.get(settings.SUPPORT_COOKIE, "")
    return sha256(token.encode()).digest() if token else b""


def sign_in_first(request: HttpRequest) -> HttpResponse:
    answer = HttpResponseRedirect(SIGN_IN)
    if settings.SUPPORT_COOKIE in request.COOKIES:
        answer.delete_cookie(settings.SUPPORT_COOKIE, path="/support", samesite="Strict")
    return answer
