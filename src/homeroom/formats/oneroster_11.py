"""OneRoster 1.1 CSV (1EdTech CSV Tables 1.1.1), as far as it differs from 1.2: no roles.csv, and fewer columns of grades."""

from dataclasses import replace

from homeroom.formats import oneroster
from homeroom.formats.columns import day, number, standing, text, to, to_many, unread, word, yes_no
from homeroom.formats.spec import Column, Kind, Purpose, Table, by_stem

ROLES = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")

users = Table(
    "users.csv",
    (
        *standing(),
        yes_no("enabledUser", Purpose.CHANGES, required=True),
        to_many("orgSourcedIds", "orgs", required=True),
        word("role", *ROLES, purpose=Purpose.ROLE, required=True),
        *unread("username", "userIds"),
        text("givenName", Purpose.NAME, required=True),
        text("familyName", Purpose.NAME, required=True),
        text("middleName", Purpose.NAME),
        *unread("identifier"),
        text("email", Purpose.CONTACT),
        text("sms", Purpose.CONTACT),
        text("phone", Purpose.CONTACT),
        to_many("agentSourcedIds", "users", purpose=Purpose.FAMILY),
        Column("grades", Kind.GRADES, Purpose.LEVEL),
        *unread("password"),
    ),
    into=("person", "role", "contact_detail", "contact"),
)
categories = Table("categories.csv", (*standing(), text("title", Purpose.GRADES, required=True)), into=("category",))
line_items = Table(
    "lineItems.csv",
    (
        *standing(),
        text("title", Purpose.GRADES, required=True),
        text("description", Purpose.CHANGES),
        day("assignDate", Purpose.GRADES, required=True),
        day("dueDate", Purpose.GRADES, required=True),
        to("classSourcedId", "classes"),
        to("categorySourcedId", "categories"),
        to("gradingPeriodSourcedId", "academicSessions"),
        number("resultValueMin", Purpose.GRADES, required=True),
        number("resultValueMax", Purpose.GRADES, required=True),
    ),
    into=("line_item",),
    renamed=(("academicSessionSourcedId", "gradingPeriodSourcedId"),),
)
# The standard requires a score, but ungraded work has none, and exporters leave it blank.
results = Table(
    "results.csv", oneroster.results.columns[: oneroster.results.names.index("textScore")], into=("result",)
)

SAME = ("orgs", "academicSessions", "courses", "classes", "demographics", "enrollments", "attendance", "contacts")
NEVER_OPENED = ("resources", "classResources", "courseResources")
_newer = oneroster.TABLES

TABLES: dict[str, Table] = by_stem(
    (
        *(_newer[stem] for stem in SAME[:4]),
        users,
        *(_newer[stem] for stem in SAME[4:6]),
        categories,
        line_items,
        results,
        *(_newer[stem] for stem in SAME[6:]),
        *(replace(_newer[stem], into=()) for stem in NEVER_OPENED),
    )
)
