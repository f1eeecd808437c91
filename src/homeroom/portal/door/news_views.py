"""The page of an account's notices, with the button that stops a password reset."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.news import news_of, read, reset_waits, stop_reset
from homeroom.portal.door.sessions import signed_in


@unguarded("asks the door's own sessions who it is; shows what happened to that account alone")
@require_GET
@signed_in(by_card=True)
def news(request: HttpRequest, session: Session) -> HttpResponse:
    answer = render(request, "door/news.html", {"session": session, "news": news_of(session), "reset_at": reset_waits(session)})
    read(session)
    return answer


@unguarded("asks the door's own sessions who it is; ends codes of that account alone, and gives no one access, so it needs no fresh proof")
@require_POST
@signed_in()
def stop(_request: HttpRequest, session: Session) -> HttpResponse:
    stop_reset(session)
    return HttpResponseRedirect("/account/news")
