"""A teacher's classes and their gradebooks, and grades under Settings."""

from django.urls import URLPattern, path

from homeroom.portal.grades import setting_views, views

urlpatterns: list[URLPattern] = [
    path("classes", views.classes, name="classes"),
    path("classes/<uuid:section>", views.gradebook_page, name="gradebook"),
    path("settings/grades", setting_views.grades, name="grade-settings"),
    path("settings/grades/categories/preview", setting_views.categories_previewed, name="grade-categories-preview"),
    path("settings/grades/categories", setting_views.categories_chosen, name="grade-categories"),
    path("settings/grades/estimates/preview", setting_views.estimates_previewed, name="estimates-preview"),
    path("settings/grades/estimates", setting_views.estimates_chosen, name="estimates"),
]
