"""A teacher's classes and their gradebooks."""

from django.urls import URLPattern, path

from homeroom.portal.grades import views

urlpatterns: list[URLPattern] = [
    path("classes", views.classes, name="classes"),
    path("classes/<uuid:section>", views.gradebook_page, name="gradebook"),
]
