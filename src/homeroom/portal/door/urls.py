"""The pages of the door process."""

from django.urls import URLPattern, URLResolver

handler400 = "homeroom.portal.access.answers.not_understood"
handler403 = "homeroom.portal.access.answers.not_found"
handler404 = "homeroom.portal.access.answers.not_found"
handler500 = "homeroom.portal.access.answers.broken"

urlpatterns: list[URLPattern | URLResolver] = []
