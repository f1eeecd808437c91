"""The absences of a school, and the district's attendance codes."""

from django.urls import URLPattern, path

from homeroom.portal.attendance import absence_views, views

urlpatterns: list[URLPattern] = [
    path("absences", absence_views.school_absences, name="absences"),
    path("settings/attendance-codes", views.codes, name="attendance-codes"),
    path("settings/attendance-codes/preview", views.preview, name="attendance-codes-preview"),
    path("settings/attendance-codes/meanings", views.meanings, name="attendance-codes-meanings"),
]
