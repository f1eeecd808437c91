"""The addresses at the top: home, a child, a child's attendance and earlier years, a download, the students of a school, the source code, languages."""

from django.urls import URLPattern, path

from homeroom.portal.home import views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("children/<uuid:student>", views.child, name="child"),
    path("children/<uuid:student>/attendance", views.every_day, name="every-day"),
    path("children/<uuid:student>/earlier", views.earlier, name="earlier"),
    path("children/<uuid:student>/download", views.download, name="download"),
    path("students", views.students, name="students"),
    path("settings", views.settings_page, name="settings"),
    path("source", views.source, name="source"),
    path("language/<str:code>", views.language, name="language"),
]
