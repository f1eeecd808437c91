"""Imports."""

from django.urls import URLPattern, path

from homeroom.portal.intake import views

urlpatterns: list[URLPattern] = [
    path("imports", views.imports, name="imports"),
    path("imports/<int:delivery>", views.one_import, name="import"),
]
