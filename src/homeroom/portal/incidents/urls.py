"""Paths of the incident office, and of a reader's own letters."""

from django.urls import URLPattern, path

from homeroom.portal.incidents import affected, containing, delivery_views, letter_views, views

urlpatterns: list[URLPattern] = [
    path("office/incidents", views.incidents, name="incidents"),
    path("office/incidents/letters", delivery_views.letters, name="incident-letters"),
    path("office/incidents/batch", delivery_views.batch, name="incident-batch"),
    path("office/incidents/<uuid:incident>/printing", delivery_views.printing, name="incident-printing"),
    path("office/incidents/<uuid:incident>", views.incident, name="incident"),
    path("office/incidents/<uuid:incident>/record/<slug:what>", views.record, name="incident-record"),
    path("office/incidents/<uuid:incident>/decide/<slug:decision>", views.decide, name="incident-decide"),
    path("office/incidents/<uuid:incident>/contain", containing.contain, name="incident-contain"),
    path("office/incidents/<uuid:incident>/letter", letter_views.letter, name="incident-letter"),
    path("office/incidents/<uuid:incident>/second-notice", letter_views.second_notice, name="incident-second-notice"),
    path("office/affected", affected.to_list, name="incidents-to-list"),
    path("office/affected/<uuid:incident>", affected.people, name="incident-affected"),
    path("breach-letters", letter_views.own_letters, name="breach-letters"),
]
