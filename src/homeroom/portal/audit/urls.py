"""Paths of the access log and of the pages about who can see a record."""

from django.urls import URLPattern, path

from homeroom.portal.audit import policy_views, views, who_can_see_views, withheld_views

urlpatterns: list[URLPattern] = [
    path("who-has-looked", views.whose, name="whose-ledger"),
    path("children/<uuid:child>/who-has-looked", views.who_has_looked, name="who-has-looked"),
    path("children/<uuid:student>/who-can-see", who_can_see_views.who_can_see, name="who-can-see"),
    path("office/who-can-see-what", policy_views.who_can_see_what, name="who-can-see-what"),
    path("office/ties/<uuid:student>/lines", withheld_views.lines, name="office-lines"),
    path("office/ties/<uuid:student>/lines/withhold", withheld_views.withheld, name="entry-withheld"),
]
