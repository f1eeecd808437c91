"""Acts that ask the person to prove who they are again. If the last proof is older than ten minutes, a page redirects to sign-in and a form is kept."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

if TYPE_CHECKING:  # commands import this before Django is set up, and a model can't be imported then
    from homeroom.portal.access.models import Session

FRESH = timedelta(minutes=10)  # the same as in is_fresh() in access/asking
AGAIN = "/sign-in/again"
LONGEST_FORM = 300_000  # characters. Three times as many, escaped once more, are still a form that Django accepts


def is_fresh(proven_at: datetime) -> bool:
    return proven_at > timezone.now() - FRESH


def prove_first(request: HttpRequest, session: "Session | None" = None, *, is_kept: bool = True) -> HttpResponse:
    """Sends the person to sign in, and back to this page afterwards. A form goes along with what was filled in, so that nothing is lost.

    `session` is what the door knows about the person, for the menu. `is_kept` is False for what is posted in pieces. Its sender comes back and
    chooses the file again.
    """
    path = request.get_full_path()
    again = f"{AGAIN}?" + urlencode({"next": path})
    if request.method != "POST":
        return HttpResponseRedirect(again)
    form = kept_form(request)
    words = {"next": path, "form": form, "is_kept": is_kept and len(form) <= LONGEST_FORM, "again": again, "session": session}
    return render(request, "prove_first.html", words, status=403)


def kept_form(request: HttpRequest) -> str:
    """Returns the fields as a browser would send them, without the token, which sign-in issues again. Files are left out."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    return fields.urlencode()
