"""School news, and the page where an office publishes it."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.news import actions, forms, pages, queries
from homeroom.portal.news.acts import PUBLISH_NEWS, READ_NEWS

OFFICE = "/office/news"


@guard(READ_NEWS)
@require_GET
def news(request: Request) -> HttpResponse:
    shown = {"items": [pages.item(each) for each in queries.news()], "may_publish": request.actor.side == "staff" and bool(queries.places())}
    return render(request, "news/news.html", shown)


@guard(READ_NEWS)
@require_GET
def one(request: Request, news: UUID) -> HttpResponse:
    found = queries.one(news)
    if found is None:
        raise Http404
    return render(request, "news/one.html", {"item": pages.item(found)})


@guard(PUBLISH_NEWS)
@require_GET
def office(request: Request) -> HttpResponse:
    return _office(request, _places(), request.GET.get("then", ""), {})


@guard(PUBLISH_NEWS, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def published(request: Request) -> HttpResponse:
    places, wrong = _places(), dict[str, str]()
    if request.method != "POST":  # back from confirming who they are
        return HttpResponseRedirect(OFFICE)
    draft = forms.draft_in(request.POST, [uuid for uuid, _name in places], timezone.localdate(), wrong)
    then = actions.publish(draft, by=request.actor) if draft else Answer.NOTHING
    if draft and not then:
        raise Http404
    return HttpResponseRedirect(f"{OFFICE}?then=published") if then == Answer.PUBLISHED else _office(request, places, then, wrong)


def _places() -> Sequence[tuple[str, str]]:
    """Raises Http404 for a person who may not publish anywhere."""
    found = queries.places()
    if not found:
        raise Http404
    return found


def _office(request: Request, places: Sequence[tuple[str, str]], then: Answer | str, wrong: dict[str, str]) -> HttpResponse:
    shown = {
        "places": pages.places_named(places),
        "audiences": pages.audiences(),
        "standing": [pages.standing(each) for each in queries.published()],
        "typed": {field: request.POST.get(field, "") for field in forms.FIELDS},
        "wrong": wrong,
        "said": pages.told(then),
    }
    return render(request, "news/office.html", shown, status=422 if wrong or then in (Answer.ODD, Answer.NAMED) else 200)


@guard(PUBLISH_NEWS, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def taken_down(request: Request, news: UUID) -> HttpResponse:
    if request.method != "POST":  # back from confirming who they are
        return HttpResponseRedirect(OFFICE)
    then = actions.take_down(news, by=request.actor)
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{OFFICE}?then={then.value.replace(' ', '+')}")
