"""The path of the page of security events."""

from django.urls import URLPattern, path

from homeroom.portal.events import views

urlpatterns: list[URLPattern] = [path("office/events", views.events, name="security-events")]
