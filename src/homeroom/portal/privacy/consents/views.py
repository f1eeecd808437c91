"""The page on which a family, or a student of 18, sees and chooses what may be shared."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.forms import day_in, uuid_in
from homeroom.portal.privacy.acts import SHARE, SIGN_CONSENT
from homeroom.portal.privacy.consents import pages
from homeroom.portal.privacy.consents.actions import Signed, end, opt_out, sign, take_back
from homeroom.portal.privacy.consents.queries import consents, directory
from homeroom.portal.wording.claims import line


@guard(SHARE)
@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: Request, student: UUID) -> HttpResponse:
    if request.method != "POST":
        return _page(request, student, request.GET.get("then", ""))
    which = uuid_in(request.POST.get("consent", ""))
    if which:
        return _then(request, student, end(student, which, by=request.actor))
    return _then(request, student, opt_out(student, request.POST.get("category", ""), by=request.actor))


@guard(SHARE, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def shared_again(request: Request, student: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _page(request, student, "")
    return _then(request, student, take_back(student, request.POST.get("category", ""), by=request.actor))


@guard(SIGN_CONSENT, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_signed(request: Request, student: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _page(request, student, "")
    form = request.POST
    typed = Signed(form.getlist("record")[:9], line(form.get("purpose", ""), 500), line(form.get("recipient", ""), 200),
                   day_in(request, "last")[0], line(form.get("signature", ""), 200))  # fmt: skip
    return _then(request, student, sign(student, typed, by=request.actor))


def _then(request: Request, student: UUID, then: Answer) -> HttpResponse:
    if not then:
        raise Http404
    if then in (Answer.KEPT, Answer.ENDED, Answer.GIVEN):
        return HttpResponseRedirect(f"/children/{student}/sharing?then={then}")
    return _page(request, student, then, 422)


def _page(request: Request, student: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    child = next((each for each in request.actor.children if each.uuid == student), None)
    rows = directory(student)
    if child is None or not rows:
        raise Http404
    shown = {
        "child": child, "is_own": request.actor.side == "student", "rows": pages.directory_rows(rows),
        "may": any(each.may_opt_out or each.may_end for each in rows), "may_sign": rows[0].may_sign, "said": pages.told_family(then),
        "signed": pages.consent_rows(student, consents(student)), "records": pages.records(), "chosen": request.POST.getlist("record"), "form": request.POST,
    }  # fmt: skip
    return render(request, "privacy/sharing.html", shown, status=status)
