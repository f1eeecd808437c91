"""Every file's shape, in the order in which rows can point to one another."""

import json

from homeroom.formats.values import grade_levels, ids_in, scale_pairs, school_year
from homeroom.judging.found import AGENTS
from homeroom.judging.shape import (
    BOOLEAN,
    DAY,
    NUMBER,
    TEXT,
    TEXTS,
    Field,
    Ref,
    Shape,
    array,
    code,
    contact_key,
    converted,
    day,
    filled,
    identifier,
    identifiers,
    key,
    no,
    number,
    pointer,
    text,
    where_there,
    word,
    yes,
    yes_no,
)

SOURCED = identifier("sourcedId")
STATUS = {"exempt": 0, "fully graded": 1, "not submitted": 2, "partially graded": 3, "submitted": 4}

# spoken_term has the sessions that the file speaks for, because it has classes in them or they are running (terms.py).
SECTION_SPOKEN = """(NOT EXISTS (SELECT FROM section_term x WHERE x.section_id = {section})
    OR EXISTS (SELECT FROM section_term x JOIN spoken_term y ON y.id = x.term_id WHERE x.section_id = {section}))"""
ITEM_SPOKEN = "EXISTS (SELECT FROM line_item x JOIN spoken_term y ON y.id = x.term_id WHERE x.id = t.line_item_id)"

SCHOOL = Shape(
    "school",
    "orgs",
    SOURCED,
    (Field("name", TEXT, text("name")), Field("kind", TEXT, word("type")), Field("identifier", TEXT, text("identifier"))),
    (Ref("parent", "school", "parentSourcedId", is_loose=True),),
)
TERM = Shape(
    "term",
    "academicSessions",
    SOURCED,
    (
        Field("title", TEXT, text("title")),
        Field("kind", TEXT, word("type")),
        Field("start_date", DAY, day("startDate")),
        Field("end_date", DAY, day("endDate")),
        Field("school_year", "smallint", converted("schoolYear", school_year)),
    ),
    (Ref("parent", "term", "parentSourcedId", is_loose=True),),
    spoken="(t.start_date <= %(today)s AND t.end_date > %(today)s)",
)
COURSE = Shape(
    "course",
    "courses",
    SOURCED,
    (Field("title", TEXT, text("title")), Field("code", TEXT, text("courseCode"))),
    (Ref("school", "school", "orgSourcedId"),),
)
SECTION = Shape(
    "section",
    "classes",
    SOURCED,
    (
        Field("title", TEXT, text("title")),
        Field("code", TEXT, text("classCode")),
        Field("kind", TEXT, word("classType")),
        Field("periods", TEXTS, converted("periods", lambda cell: array(ids_in(cell)))),
        Field("terms", TEXTS, identifiers("termSourcedIds"), is_kept=False),
    ),
    (Ref("course", "course", "courseSourcedId"), Ref("school", "school", "schoolSourcedId")),
    spoken=SECTION_SPOKEN.format(section="t.id"),
)
PERSON = Shape(
    "person",
    "users",
    SOURCED,
    (
        Field("given_name", TEXT, text("givenName")),
        Field("family_name", TEXT, text("familyName")),
        Field("middle_name", TEXT, text("middleName")),
        Field("preferred_given_name", TEXT, text("preferredGivenName")),
        Field("preferred_family_name", TEXT, text("preferredFamilyName")),
        Field("grade_levels", TEXTS, converted("grades", lambda cell: array(grade_levels(cell)))),
        Field("is_enabled", BOOLEAN, yes("enabledUser")),
        Field("is_student", BOOLEAN, no),  # set from tonight's roles (beside.py)
        Field("is_staff", BOOLEAN, no),
        Field("email", TEXT, text("email"), is_kept=False),
        Field("phone", TEXT, text("phone"), is_kept=False),
        Field("sms", TEXT, text("sms"), is_kept=False),
        Field("agents", TEXTS, identifiers("agentSourcedIds"), is_kept=False),
        Field("role", TEXT, where_there("role", word), is_kept=False),  # OneRoster 1.1 (roles.py)
        Field("places", TEXTS, where_there("orgSourcedIds", identifiers, "{}"), is_kept=False),
    ),
    own="t.sourced_id IS NOT NULL",  # people who registered by hand are in no file
)
ROLE = Shape(
    "role",
    "roles",
    SOURCED,
    (
        Field("sourced_id", TEXT, SOURCED),  # the portal's row may have another one, from a file of OneRoster 1.1 (roles.py)
        Field("role", TEXT, word("role")),
        Field("is_primary", BOOLEAN, lambda table: word("roleType")(table) == "primary"),
        Field("begin_date", DAY, day("beginDate")),
        Field("end_date", DAY, day("endDate")),
    ),
    (Ref("person", "person", "userSourcedId"), Ref("school", "school", "orgSourcedId")),
)
DEMOGRAPHIC = Shape(
    "demographic",
    "demographics",
    SOURCED,
    (Field("birth_date", DAY, day("birthDate")),),
    (Ref("person", "person", "sourcedId"),),
    identity="(SELECT p.sourced_id FROM person p WHERE p.id = t.person_id)",
    key_column=None,
    id="person_id",
)
ENROLLMENT = Shape(
    "enrollment",
    "enrollments",
    key("enrollment", "sourcedId"),
    (
        Field("role", TEXT, word("role")),
        Field("is_primary", BOOLEAN, yes("primary")),
        Field("begin_date", DAY, day("beginDate")),
        Field("end_date", DAY, day("endDate")),
    ),
    (Ref("section", "section", "classSourcedId"), Ref("person", "person", "userSourcedId")),
    identity="t.key",
    key_column="key",
    spoken=SECTION_SPOKEN.format(section="t.section_id"),
)
CATEGORY = Shape(
    "category", "categories", SOURCED, (Field("title", TEXT, text("title")), Field("weight", NUMBER, number("weight")))
)
LINE_ITEM = Shape(
    "line_item",
    "lineItems",
    key("line_item", "sourcedId"),
    (
        Field("title", TEXT, text("title")),
        Field("description", TEXT, text("description")),
        Field("assign_date", DAY, day("assignDate")),
        Field("due_date", DAY, day("dueDate")),
        Field("score_min", NUMBER, number("resultValueMin")),
        Field("score_max", NUMBER, number("resultValueMax")),
    ),
    (
        Ref("section", "section", "classSourcedId"),
        Ref("category", "category", "categorySourcedId"),
        Ref("term", "term", "academicSessionSourcedId"),
    ),
    identity="t.key",
    key_column="key",
    spoken="EXISTS (SELECT FROM spoken_term y WHERE y.id = t.term_id)",
)
RESULT = Shape(
    "result",
    "results",
    key("result", "sourcedId"),
    (
        Field("score", NUMBER, number("score")),
        Field("score_date", DAY, day("scoreDate")),
        Field("status", "smallint", lambda table: word("scoreStatus")(table).replace_strict(STATUS)),
        Field("is_late", BOOLEAN, yes_no("late")),
        Field("is_missing", BOOLEAN, yes_no("missing")),
        Field("is_incomplete", BOOLEAN, yes_no("incomplete")),
        Field("in_progress", BOOLEAN, yes_no("inProgress")),
        Field("text_score", TEXT, pointer("textScore")),
        Field("comment", TEXT, pointer("comment")),
        Field("names_class", BOOLEAN, filled("classSourcedId"), is_kept=False),
    ),
    (
        Ref("line_item", "line_item", "lineItemSourcedId"),
        Ref("student", "person", "studentSourcedId"),
    ),
    identity="t.id",
    key_column="id",
    spoken=ITEM_SPOKEN,
)
SCORE_SCALE = Shape(
    "score_scale",
    "scoreScales",
    SOURCED,
    (
        Field("title", TEXT, text("title")),
        Field("kind", TEXT, text("type")),
        Field("pairs", "jsonb", converted("scoreScaleValue", lambda cell: json.dumps(scale_pairs(cell)))),
    ),
    (
        Ref("school", "school", "orgSourcedId"),
        Ref("course", "course", "courseSourcedId"),
        Ref("section", "section", "classSourcedId"),
    ),
)
LINE_ITEM_SCORE_SCALE = Shape(
    "line_item_score_scale",
    "lineItemScoreScales",
    SOURCED,
    (),
    (
        Ref("line_item", "line_item", "lineItemSourcedId"),
        Ref("score_scale", "score_scale", "scoreScaleSourcedId"),
    ),
)
RESULT_SCORE_SCALE = Shape(
    "result_score_scale",
    "resultScoreScales",
    SOURCED,
    (),
    (
        Ref("result", "result", "resultSourcedId"),
        Ref("score_scale", "score_scale", "scoreScaleSourcedId"),
    ),
)
MARK = ("Student_id", "School_id", "Section_id", "Attendance_date")
ATTENDANCE_MARK = Shape(
    "attendance_mark",
    "attendance",
    key("attendance_mark", *MARK),
    (
        Field("day", DAY, day("Attendance_date")),
        Field("status", TEXT, code("Attendance_status")),
        Field("excuse_code", TEXT, code("Excuse_code")),
    ),
    (
        Ref("student", "person", "Student_id"),
        Ref("school", "school", "School_id"),
        Ref("section", "section", "Section_id"),
    ),
    identity="t.id",
    key_column="id",
    # A file with this week's marks ends none of last month's.
    spoken="t.day BETWEEN %(first_day)s AND %(last_day)s",
)
CONTACT = Shape(
    "contact",
    "contacts",
    contact_key,
    (
        Field("name", TEXT, text("Contact_name")),
        Field("relationship", TEXT, text("Contact_relationship")),
        Field("kind", TEXT, text("Contact_type")),
        Field("phone", TEXT, text("Contact_phone")),
        Field("phone_kind", TEXT, text("Contact_phone_type")),
        Field("email", TEXT, text("Contact_email")),
        Field("sis_id", TEXT, text("Contact_sis_id")),
    ),
    (
        Ref("student", "person", "Student_id"),
        Ref("person", "person", "Contact_sis_id", is_loose=True),
    ),
    own="t.kind <> 'agent'",
)
# Links between a person and an agent in users.csv. They are contacts like the others, but need a separate shape for the same table.
AGENT = Shape(
    "contact",
    "users",
    SOURCED,
    (Field("relationship", TEXT, no), Field("kind", TEXT, no)),
    (Ref("student", "person", "sourcedId"), Ref("person", "person", "agentSourcedIds")),
    name=AGENTS,
    own="t.kind = 'agent'",
)

ALL = (
    SCHOOL,
    TERM,
    COURSE,
    SECTION,
    PERSON,
    DEMOGRAPHIC,
    ROLE,
    ENROLLMENT,
    CATEGORY,
    LINE_ITEM,
    RESULT,
    SCORE_SCALE,
    LINE_ITEM_SCORE_SCALE,
    RESULT_SCORE_SCALE,
    ATTENDANCE_MARK,
    CONTACT,
)
BY_TABLE = {shape.table: shape for shape in ALL}
BY_STEM = {shape.stem: shape for shape in ALL}
