"""The office's pages: what takes two people, who is an administrator."""

from django.urls import URLPattern, path

from homeroom.portal.membership import administrator_views, two_people_views

urlpatterns: list[URLPattern] = [
    path("office/two-people", two_people_views.two_people, name="two-people"),
    path("office/two-people/<uuid:proposal>/answer", two_people_views.answer, name="proposal-answer"),
    path("office/administrators", administrator_views.administrators, name="administrators"),
    path("office/administrators/new/<uuid:person>", administrator_views.new, name="administrator-new"),
    path("office/administrators/<uuid:person>/end", administrator_views.end, name="administrator-end"),
]
