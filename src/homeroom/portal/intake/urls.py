"""Addresses of imports, questions, and the settings of columns, tolerances and review."""

from django.urls import URLPattern, path

from homeroom.portal.intake.office import (
    change_views,
    column_views,
    question_views,
    review_views,
    tolerance_views,
    views,
)

urlpatterns: list[URLPattern] = [
    path("imports", views.imports, name="imports"),
    path("imports/upload", views.upload, name="upload"),
    path("imports/files/<str:digest>", views.sent_file, name="sent-file"),
    path("imports/<int:delivery>/receipt", views.receipt, name="receipt"),
    path("imports/<int:delivery>", change_views.one_import, name="import"),
    path("imports/<int:delivery>/decision", change_views.decision, name="decision"),
    path("imports/<int:delivery>/changes", change_views.change_set, name="changes"),
    path("imports/<int:delivery>/changes/<uuid:change>", change_views.person_change, name="change"),
    path("imports/<int:delivery>/newcomers/<uuid:newcomer>", change_views.newcomer, name="newcomer"),
    path("imports/<int:delivery>/questions", question_views.questions, name="questions"),
    path("settings/columns", column_views.columns, name="columns"),
    path("settings/columns/preview", column_views.preview, name="columns-preview"),
    path("settings/columns/choice", column_views.choice, name="columns-choice"),
    path("settings/files", tolerance_views.files, name="file-settings"),
    path("settings/files/choice", tolerance_views.choice, name="file-settings-choice"),
    path("settings/review", review_views.review, name="review"),
    path("settings/review/preview", review_views.review_previewed, name="review-preview"),
    path("settings/review/choice", review_views.review_chosen, name="review-choice"),
    path("questions/<uuid:question>", question_views.one_question, name="question"),
    path("questions/<uuid:question>/answer", question_views.answer, name="question-answer"),
    path("questions/<uuid:question>/confirmation", question_views.confirmation, name="question-confirmation"),
    path("questions/<uuid:question>/withdrawal", question_views.withdrawal, name="question-withdrawal"),
    path("questions/<uuid:question>/undo", question_views.undo, name="question-undo"),
]
