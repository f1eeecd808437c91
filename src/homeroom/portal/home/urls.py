"""What is at the top: home and the language switch."""

from django.urls import URLPattern, path

from homeroom.portal.home import views

urlpatterns: list[URLPattern] = [
    path("language/<str:code>", views.language, name="language"),
]
