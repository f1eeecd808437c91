"""Values that every template has without asking the database: the district's name and phone, and who is asking."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def brand(request: HttpRequest) -> dict[str, Any]:
    place = settings.PLACE
    return {"district_name": place.name, "district_phone": place.phone, "is_drill": place.is_drill, "actor": getattr(request, "actor", None)}
