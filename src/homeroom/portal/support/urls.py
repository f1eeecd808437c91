"""The office's pages of support, and a supporter's pages while a grant runs. The pages for signing in are in the door."""

from django.urls import URLPattern, path

from homeroom.portal.support import supporter_views, views

urlpatterns: list[URLPattern] = [
    path("office/support", views.support, name="support-grants"),
    path("office/support/new/<uuid:supporter>", views.new, name="support-new"),
    path("office/support/<uuid:grant>/end", views.end, name="support-end"),
    path("support", supporter_views.home, name="support"),
    path("support/students/<int:number>", supporter_views.student, name="support-student"),
]
