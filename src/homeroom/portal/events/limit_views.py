"""The pages of viewing limits: who viewed unusually many people, and a limit that another administrator raises for a day."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.events.acts import SEE_LIMITS
from homeroom.portal.events.limit_pages import brake_line, said_of
from homeroom.portal.events.limit_queries import brakes, raise_cap
from homeroom.portal.membership.forms import why_in, words_in
from homeroom.portal.membership.two_people.administrator_queries import staff_found, staff_name

PLACE = "/office/limits"


@guard(SEE_LIMITS)
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: Request) -> HttpResponse:
    words = words_in(request)
    shown = {"lines": [brake_line(each) for each in brakes()], "words": words, "found": staff_found(words), "said": said_of(request.GET.get("then", ""))}
    return render(request, "events/limits.html", shown)


@guard(SEE_LIMITS, fresh=True)
def raised(request: Request, person: UUID) -> HttpResponse:
    name, then = staff_name(person), Answer.NOTHING
    if name is None:
        raise Http404
    if request.method == "POST":
        typed = request.POST.get("more", "").replace(",", "").strip()
        more = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else None
        then = raise_cap(person, more, why_in(request), by=request.actor)
        if not then:
            raise Http404
        if then == Answer.RAISED:
            return HttpResponseRedirect(f"{PLACE}?then={then}")
    shown = {"name": name, "person": person, "form": request.POST, "said": said_of(then)}
    return render(request, "events/limit_raise.html", shown, status=422 if then else 200)
