"""The pages of viewing limits: who viewed unusually many people, last week's summary, and a limit that another administrator raises for a day."""

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.events.acts import SEE_LIMITS
from homeroom.portal.events.limit_pages import brake_line, said_of, top_viewers
from homeroom.portal.events.limit_queries import brakes, raise_cap, week_viewers
from homeroom.portal.membership.forms import why_in, words_in
from homeroom.portal.membership.two_people.administrator_queries import staff_found, staff_name

PLACE = "/office/limits"


@guard(SEE_LIMITS)
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: Request) -> HttpResponse:
    words = words_in(request)
    shown = {"lines": [brake_line(each) for each in brakes()], "words": words, "found": staff_found(words), "said": said_of(request.GET.get("then", ""))}
    return render(request, "events/limits.html", shown)


@guard(SEE_LIMITS)
@require_GET
def week(request: Request) -> HttpResponse:
    """Shows the last whole week, Monday through Sunday, or the days of this week so far."""
    is_now = "now" in request.GET
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday() + (0 if is_now else 7))
    most, outside = top_viewers(week_viewers(first_day=monday))
    shown = {"is_now": is_now, "first": monday, "last": today if is_now else monday + timedelta(days=6), "most": most, "outside": outside}
    return render(request, "events/limits_week.html", shown)


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
