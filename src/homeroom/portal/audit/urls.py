"""Who has looked."""

from django.urls import URLPattern, path

from homeroom.portal.audit import views

urlpatterns: list[URLPattern] = [
    path("who-has-looked", views.whose, name="whose-ledger"),
    path("children/<uuid:child>/who-has-looked", views.who_has_looked, name="who-has-looked"),
]
