"""The district's attendance codes."""

from django.urls import URLPattern, path

from homeroom.portal.attendance import views

urlpatterns: list[URLPattern] = [
    path("settings/attendance-codes", views.codes, name="attendance-codes"),
    path("settings/attendance-codes/preview", views.preview, name="attendance-codes-preview"),
    path("settings/attendance-codes/meanings", views.meanings, name="attendance-codes-meanings"),
]
