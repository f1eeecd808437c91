"""Lincoln with marks whose codes nobody has spoken about."""

import pytest

from homeroom.portal.attendance.tests.speaking import mark
from tests.school import School


@pytest.fixture
def unruled(own_school: School) -> School:
    """Marks of today: two of Nina and one of Max with codes nobody has spoken about, and one of Kai."""
    for student, status, excuse_code in (("nina", "TX", "MED"), ("max", "tx", "med"), ("kai", "TX", ""), ("leo", "W", "")):
        mark(own_school, student, status, excuse_code)
    return own_school
