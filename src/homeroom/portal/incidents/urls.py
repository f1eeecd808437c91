"""Paths of the incident office, and of a reader's own letters."""

from django.urls import URLPattern, path

from homeroom.portal.incidents import views

urlpatterns: list[URLPattern] = [
    path("office/incidents", views.incidents, name="incidents"),
    path("office/incidents/<uuid:incident>", views.incident, name="incident"),
    path("office/incidents/<uuid:incident>/record/<slug:what>", views.record, name="incident-record"),
    path("office/incidents/<uuid:incident>/decide/<slug:decision>", views.decide, name="incident-decide"),
    path("office/incidents/<uuid:incident>/letter", views.letter, name="incident-letter"),
    path("breach-letters", views.own_letters, name="breach-letters"),
]
