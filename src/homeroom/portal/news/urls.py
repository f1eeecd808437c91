"""School news: read by its audience, published by an office."""

from django.urls import URLPattern, path

from homeroom.portal.news import views

urlpatterns: list[URLPattern] = [
    path("news", views.news, name="school-news"),
    path("news/<uuid:news>", views.one, name="news-one"),
    path("office/news", views.office, name="office-news"),
    path("office/news/new", views.published, name="news-published"),
    path("office/news/<uuid:news>", views.taken_down, name="news-taken-down"),
]
