"""The page for a student's sign-in card. The QR code on a card has the words after the #, which no browser sends."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.guard import unguarded
from homeroom.portal.door.factors import FactorAsked, FactorMissing
from homeroom.portal.door.failures import note
from homeroom.portal.door.models import Account
from homeroom.portal.door.reading import account_named
from homeroom.portal.door.sessions import give_cookie
from homeroom.portal.door.signing_in import NotTogether, Wait, card_digest, let_in
from homeroom.portal.door.tries import CARDS, Marks, count, forget
from homeroom.portal.door.unconfirmed import closed_while_unconfirmed, told_while_unconfirmed
from homeroom.portal.door.views import address_of, at_step, wait_first
from homeroom.portal.letters import card

PAGE = "door/card.html"


@unguarded("where a student without a password types the card before there is a session")
@require_http_methods(["GET", "HEAD", "POST"])
@closed_while_unconfirmed
@told_while_unconfirmed
def card_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, PAGE)
    words = card.typed(request.POST.get("words", ""))
    if words is None:
        error = _("This isn’t complete. Type every word on the card, then the three digits.")
        return render(request, PAGE, {"error": error, "words": request.POST.get("words", "")[:200]}, status=422)
    try:
        return signed_in(request, student_of(words, address_of(request)))
    except (NotTogether, FactorMissing):
        note(request, "code", what="card")
        return render(request, PAGE, {"error": _("This card doesn’t work. Ask your teacher for a new one.")}, status=403)
    except Wait as wait:
        note(request, "code", "waits", what="card")
        return wait_first(wait, lambda error, status: render(request, PAGE, {"error": error}, status=status))


def signed_in(request: HttpRequest, account: Account) -> HttpResponse:
    """Signs in. A person who added a second factor must always use it. The session stays a card's. Raises FactorMissing."""
    try:
        entry = let_in(request, account, method="card")
    except FactorAsked:
        return at_step("/sign-in/second", "second factor", account, {"next": "", "is_own_device": False, "method": "card"})
    answer = HttpResponseRedirect("/")
    give_cookie(answer, entry)
    return answer


def student_of(words: str, address: str) -> Account:
    """Returns the card's student. It counts before it hashes, so a try that must wait costs little. Raises NotTogether, after the same hash for a wrong
    card and an ended one, Wait and Busy."""
    marks = Marks.of(CARDS, None, address)
    if pause := count(marks):
        raise Wait(pause)
    digest = card_digest(words)
    name = server_bound("SELECT use_card(%s)", (digest,))
    account = account_named(name) if name else None
    if account is None:
        raise NotTogether
    forget(marks)
    return account
