"""The page of an account's notices."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.news import news_of, read
from homeroom.portal.door.sessions import signed_in


@unguarded("asks the door's own sessions who it is; shows what happened to that account alone")
@require_GET
@signed_in()
def news(request: HttpRequest, session: Session) -> HttpResponse:
    answer = render(request, "door/news.html", {"session": session, "news": news_of(session)})
    read(session)
    return answer
