"""Names columns as pages show them."""

from django.utils.translation import gettext as _


def field(name: str) -> str:
    return {**_of_people(), **_of_classes(), **_of_records()}.get(name, name)


def _of_people() -> dict[str, str]:
    return {
        "given_name": _("First name"),
        "family_name": _("Last name"),
        "middle_name": _("Middle name"),
        "preferred_given_name": _("Preferred first name"),
        "preferred_family_name": _("Preferred last name"),
        "grade_levels": _("Grade level"),
        "is_enabled": _("Can sign in to the district’s own system"),
        "is_student": _("Student"),
        "is_staff": _("Staff"),
        "role": _("Role"),
        "is_primary": _("Main school"),
        "begin_date": _("Begins"),
        "end_date": _("Ends on"),
        "birth_date": _("Birth date"),
        "name": _("Name"),
        "relationship": _("Relationship"),
        "kind": _("Type"),
        "email": _("Email"),
        "phone": _("Phone"),
        "phone_kind": _("Kind of phone"),
        "sms": _("Phone for messages"),
        "person": _("Person"),
    }


def _of_classes() -> dict[str, str]:
    return {
        "school": _("School"),
        "section": _("Class"),
        "course": _("Course"),
        "term": _("Term"),
        "terms": _("Terms"),
        "title": _("Title"),
        "code": _("Code"),
        "periods": _("Periods"),
        "start_date": _("Begins"),
        "school_year": _("School year"),
        "identifier": _("District’s number"),
        "parent": _("Part of"),
        "category": _("Kind of work"),
        "description": _("Description"),
        "assign_date": _("Given on"),
        "due_date": _("Due"),
        "score_min": _("Minimum points"),
        "score_max": _("Maximum points"),
    }


def _of_records() -> dict[str, str]:
    return {
        "line_item": _("Work"),
        "score": _("Score"),
        "text_score": _("Score in words"),
        "score_date": _("Scored on"),
        "status": _("Status"),
        "is_late": _("Late"),
        "is_missing": _("Missing"),
        "is_incomplete": _("Incomplete"),
        "in_progress": _("In progress"),
        "comment": _("Comment"),
        "day": _("Day"),
        "excuse_code": _("Excuse code"),
    }
