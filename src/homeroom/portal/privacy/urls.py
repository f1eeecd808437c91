"""Paths of the privacy office."""

from django.urls import URLPattern, path

from homeroom.portal.privacy import views

urlpatterns: list[URLPattern] = [
    path("children/<uuid:student>/everything", views.everything, name="everything-kept"),
    path("children/<uuid:student>/everything/download", views.download, name="everything-download"),
]
