"""Acts that ask again who it is: where the last proof is older than ten minutes, a page leads to the door and a form is kept meanwhile."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

FRESH = timedelta(minutes=10)  # as is_fresh() in access/asking
AGAIN = "/sign-in/again"
LONGEST_FORM = 300_000  # characters: thrice as many, escaped once more, are still a form that Django takes


def is_fresh(proven_at: datetime) -> bool:
    return proven_at > timezone.now() - FRESH


def prove_first(request: HttpRequest, *, is_kept: bool = True) -> HttpResponse:
    """To the door, and back to this page afterwards; what was filled in goes along in a form, so that nothing is lost.

    is_kept: not so for what is posted piece by piece; its sender comes back to choose the file again.
    """
    path = request.get_full_path()
    again = f"{AGAIN}?" + urlencode({"next": path})
    if request.method != "POST":
        return HttpResponseRedirect(again)
    form = kept_form(request)
    words = {"next": path, "form": form, "is_kept": is_kept and len(form) <= LONGEST_FORM, "again": again}
    return render(request, "prove_first.html", words, status=403)


def kept_form(request: HttpRequest) -> str:
    """Its fields as a browser would send them, without the token, which the door gives anew. Files are not among them."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    return fields.urlencode()
