"""Paths of the pages about security events and about viewing limits."""

from django.urls import URLPattern, path

from homeroom.portal.events import limit_views, views

urlpatterns: list[URLPattern] = [
    path("office/events", views.events, name="security-events"),
    path("office/limits", limit_views.limits, name="viewing-limits"),
    path("office/limits/week", limit_views.week, name="viewing-week"),
    path("office/limits/new/<uuid:person>", limit_views.raised, name="viewing-limit-raised"),
]
