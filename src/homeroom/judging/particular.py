"""Particular rules of some tables: which are read in any case, where doubled keys are refused first, and which columns should not change."""

from homeroom.formats.oneroster import ROLES
from homeroom.judging.shape import DAY, NUMBER, TEXT, Field, Shape
from homeroom.judging.shapes import ALL, DEMOGRAPHIC, PERSON, ROLE, SECTION

# Classes are read from every file, because the listed classes show for which sessions the file speaks.
READ_ANYWAY = [shape.stem for shape in ALL if shape.is_big or shape is SECTION]
# A class's terms, and who may be whom, are found from all staged rows before these are checked.
DOUBLED_FIRST = (SECTION, DEMOGRAPHIC)
MOST_NEW = 0.3  # share of a large file's lines. With more new ones, reading all of it is as fast as reading only those
WORTH_COUNTING = 0.01  # share of a large file's lines. Fewer can't be a whole column, and are not worth a pass over millions
STAFF = tuple(role for role in ROLES if role not in ("guardian", "parent", "relative", "student"))

# Scores, marks and comments change every day. These do not. A file that changes many of them has another column there.
STEADY = ("school", "term", "course", "section", "person", "category", "line_item", "score_scale", "contact", "role", "enrollment")
DATED = ("term", "line_item")  # their days and numbers are steady, too
# Names and birth dates have their own limits (counting.py). A role gets another sourcedId when the version changes (roles.py).
COUNTED_ELSEWHERE = {
    PERSON.table: ("given_name", "family_name"), DEMOGRAPHIC.table: ("birth_date",), ROLE.table: ("sourced_id",)
}  # fmt: skip
PHONES = ("phone", "sms")  # they are stored next to their person, and email addresses are counted separately


def watched(shape: Shape) -> list[tuple[Field, bool]]:
    """Returns the columns in which many rows of one file may lose their value, and whether another value is odd, too."""
    steady = (TEXT, *((DAY, NUMBER) if shape.table in DATED else ())) if shape.table in STEADY else ()
    return [(each, each.sql in steady) for each in shape.kept if each.name not in COUNTED_ELSEWHERE.get(shape.table, ())]
