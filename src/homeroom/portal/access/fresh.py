"""Acts that ask the person to prove who they are again. If the last proof is older than ten minutes, the request goes to the door's page for it."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

FRESH = timedelta(minutes=10)  # the same as in is_fresh() in access/asking
AGAIN = "/sign-in/again"
LONGEST_FORM = 300_000  # characters. Three times as many, escaped once more, are still a form that Django accepts


def is_fresh(proven_at: datetime) -> bool:
    return proven_at > timezone.now() - FRESH


def prove_first(request: HttpRequest, *, is_kept: bool = True) -> HttpResponse:
    """Sends the person to confirm who they are, and back to this page afterwards. A form goes along, and the door's page holds it in the browser.

    `is_kept` is False for what is posted in pieces. Its sender comes back and chooses the file again, as after any form with a file.
    """
    words = {"next": request.get_full_path()}
    if request.method != "POST":
        return HttpResponseRedirect(f"{AGAIN}?{urlencode(words)}")
    if is_kept and not request.FILES and len(kept_form(request)) <= LONGEST_FORM:
        return HttpResponseRedirect(f"{AGAIN}?{urlencode(words)}", preserve_request=True)  # 307: the browser sends the form there
    return HttpResponseRedirect(f"{AGAIN}?{urlencode(words | {'file': 'again'})}")


def kept_form(request: HttpRequest) -> str:
    """Returns the fields as a browser would send them, without the token, which the door's page issues again. Files are left out."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    return fields.urlencode()
