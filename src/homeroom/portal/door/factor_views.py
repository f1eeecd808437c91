"""The account's second factors: listing, adding, renaming and removing them, new recovery codes, and adding the first one while signing in."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from homeroom.portal.access.fresh import is_fresh, prove_first
from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.enrolling import add_factor, factor_offered, new_offer, same_offer
from homeroom.portal.door.factors import Factor, LastFactor, factors_of, remove_factor, rename_factor
from homeroom.portal.door.keeping import SessionOver, hold, keep
from homeroom.portal.door.models import Account, Step
from homeroom.portal.door.passkeys import PasskeyRefused
from homeroom.portal.door.recovery_codes import codes_left, make_codes
from homeroom.portal.door.sessions import Entry, give_cookie, sign_in_first, signed_in
from homeroom.portal.door.signing_in import NotTogether, let_in
from homeroom.portal.door.steps import begin_step, end_step, step_of
from homeroom.portal.door.unconfirmed import told_while_unconfirmed
from homeroom.portal.door.views import safe

LIST, ADD, ENROL, ONE, CODES = (f"door/{page}.html" for page in ("factors", "factor_add", "enrol", "factor", "codes"))


@unguarded("asks the door's own sessions who it is; shows that account's factors alone")
@require_GET
@signed_in()
def factors(request: HttpRequest, session: Session) -> HttpResponse:
    return render(request, LIST, {"session": session, "factors": factors_of(session.account), "codes_left": codes_left(session.account)})


@unguarded("asks the door's own sessions who it is, and for a fresh proof; adds to that account alone")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def factor_add(request: HttpRequest, session: Session) -> HttpResponse:
    """A `next` in the address means that this page is shown after signing in. The person then goes on to `next`."""
    if not is_fresh(session.proven_at):
        return prove_first(request)
    after = safe(request.GET.get("next", ""))
    if after:
        factor_offered(session)

    def added(offer: Step) -> HttpResponse:
        onward = offer.state.get("next") or "/account/factors"
        answer = HttpResponseRedirect(onward)
        hold(request, session)
        if not end_step(answer, offer):
            return answer
        codes = add_factor(request, session.account, offer.state, session.key)
        return shown(request, answer, codes, keep(request, session, is_strong=True), onward, session)

    return adding(request, session.account, ADD, added, session, after)


@unguarded("reached with a step that a printed code gave; nobody is signed in yet")
@require_http_methods(["GET", "HEAD", "POST"])
@told_while_unconfirmed
def enrol(request: HttpRequest) -> HttpResponse:
    step = step_of(request, "enrol")
    if step is None or step.account is None:
        return HttpResponseRedirect("/sign-in")
    account, onward = step.account, step.state.get("next") or "/"

    def added(offer: Step) -> HttpResponse:
        answer = HttpResponseRedirect(onward)
        if not end_step(answer, offer):
            return HttpResponseRedirect("/sign-in")
        codes = add_factor(request, account, offer.state, step.key)
        end_step(answer, step)  # the new factor ended it (door/triggers.sql). The browser forgets it here
        return shown(request, answer, codes, let_in(request, account, method="code", is_strong=True), onward)

    return adding(request, account, ENROL, added)


def adding(
    request: HttpRequest, account: Account, page: str, added: Callable[[Step], HttpResponse], session: Session | None = None, after: str = ""
) -> HttpResponse:
    """Shows the offer, or adds the factor: all of it or nothing. `after` is the page that follows, if it isn't the list of factors."""
    step = step_of(request, "factor") if request.method == "POST" else None
    if step is None or step.account != account:
        return offered(request, account, page, session, after)
    try:
        with transaction.atomic():
            return added(step)
    except NotTogether:
        error = _("Those digits don’t match the app. Nothing was added. Wait for the next six and type them.")
    except PasskeyRefused:
        error = _("This passkey couldn’t be added. Nothing has changed. Try again, or use an authenticator app.")
    except SessionOver:
        return sign_in_first(request.path)
    words = {**same_offer(account, step.state).words(account), "after": step.state.get("next", ""), "session": session, "error": error}
    return render(request, page, words, status=403)


def offered(request: HttpRequest, account: Account, page: str, session: Session | None, after: str) -> HttpResponse:
    offer = new_offer(request, account)
    answer = render(request, page, {**offer.words(account), "after": after, "session": session})
    begin_step(answer, "factor", account, {**offer.state, "next": after})
    return answer


def shown(request: HttpRequest, answer: HttpResponse, codes: list[str], entry: Entry, onward: str, session: Session | None = None) -> HttpResponse:
    """Goes on to `onward`. New recovery codes come first, on the only page that ever shows them."""
    page = render(request, CODES, {"session": session, "codes": codes, "onward": onward}) if codes else answer
    page.cookies.update(answer.cookies)
    give_cookie(page, entry)
    return page


@unguarded("asks the door's own sessions who it is, and for a fresh proof; of that account's factors alone")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def factor(request: HttpRequest, session: Session, factor: UUID) -> HttpResponse:
    found = next((each for each in factors_of(session.account) if each.uuid == factor), None)
    if found is None:
        raise Http404
    if not is_fresh(session.proven_at):
        return prove_first(request)
    if request.method != "POST":
        return render(request, ONE, {"session": session, "factor": found})
    answer = HttpResponseRedirect("/account/factors")
    if "remove" not in request.POST:
        rename_factor(session, found, request.POST.get("name", ""))
        return answer
    try:
        give_cookie(answer, removed(request, session, found))
    except LastFactor:
        error = _("This account needs at least one sign-in method. Add another first, then remove this one.")
        return render(request, ONE, {"session": session, "factor": found, "error": error}, status=409)
    except SessionOver:
        return sign_in_first(request.path)
    return answer


@transaction.atomic
def removed(request: HttpRequest, session: Session, factor: Factor) -> Entry:
    """Removes the factor, and the session continues. Raises LastFactor and SessionOver."""
    hold(request, session)
    remove_factor(session, factor)
    return keep(request, session, is_strong=session.is_strong)


@unguarded("asks the door's own sessions who it is, and for a fresh proof; makes that account's codes alone")
@require_POST
@signed_in("/account/factors")
def new_codes(request: HttpRequest, session: Session) -> HttpResponse:
    if not is_fresh(session.proven_at):
        return prove_first(request)
    if not factors_of(session.account):
        raise Http404
    try:
        with transaction.atomic():
            hold(request, session)
            codes = make_codes(session.account, session.key)
            entry = keep(request, session, is_strong=session.is_strong)
    except SessionOver:
        return sign_in_first("/account/factors")
    return shown(request, HttpResponse(), codes, entry, "/account/factors", session)
