"""What is particular about some tables: which are read anyway, where doubled keys are refused first, which columns stay as they are."""

from homeroom.formats.oneroster import ROLES
from homeroom.judging.shape import DAY, NUMBER, TEXT, Field, Shape
from homeroom.judging.shapes import ALL, DEMOGRAPHIC, PERSON, ROLE, SECTION

# Classes are read every night: which of them the file lists says for which sessions it speaks.
READ_ANYWAY = [shape.stem for shape in ALL if shape.is_big or shape is SECTION]
# The terms of a class, and who might be whom, are made out of all staged rows before these are checked.
DOUBLED_FIRST = (SECTION, DEMOGRAPHIC)
MOST_NEW = 0.3  # of a large file's lines; beyond, reading all of it is as quick as reading the new ones
WORTH_COUNTING = 0.01  # of a large file's lines; fewer can be no column, and are not worth a walk through millions
STAFF = tuple(role for role in ROLES if role not in ("guardian", "parent", "relative", "student"))

# Scores, marks and comments change every day; these do not, so that many of them at once are another column.
STEADY = ("school", "term", "course", "section", "person", "category", "line_item", "score_scale", "contact", "role", "enrollment")
DATED = ("term", "line_item")  # whose days and numbers are steady too
# Names and birth dates have their own limits (counting.py); a role takes another sourcedId when the version changes (roles.py).
COUNTED_ELSEWHERE = {
    PERSON.table: ("given_name", "family_name"), DEMOGRAPHIC.table: ("birth_date",), ROLE.table: ("sourced_id",)
}  # fmt: skip
PHONES = ("phone", "sms")  # they lie beside their person; email addresses are counted by themselves


def watched(shape: Shape) -> list[tuple[Field, bool]]:
    """Returns the columns in which many rows at once may lose their value, and whether another value is odd too."""
    steady = (TEXT, *((DAY, NUMBER) if shape.table in DATED else ())) if shape.table in STEADY else ()
    return [(each, each.sql in steady) for each in shape.kept if each.name not in COUNTED_ELSEWHERE.get(shape.table, ())]
