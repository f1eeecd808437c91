"""OneRoster 1.2 CSV (1EdTech CSV Binding 1.2.1): every file and column, whether Homeroom reads it, and why.

These are deliberately not read: passwords, sex, race and birthplace, user names, and all about resources, profiles and learning objectives. Pronouns are not
read, either, because they can reveal to a family what a student told only the school. Preferred names are read if the district turned them on (choices.py).
"""

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.columns import day, number, standing, text, to, to_many, unread, word, yes_no
from homeroom.formats.contacts import CONTACTS
from homeroom.formats.spec import Column, Kind, Purpose, Table, by_stem

USERS = "users"
CLASSES = "classes"
SESSIONS = "academicSessions"

SESSION_TYPES = ("gradingPeriod", "semester", "schoolYear", "term")
ORG_TYPES = ("department", "school", "district", "local", "state", "national")
ROLES = (
    "aide",
    "counselor",
    "districtAdministrator",
    "guardian",
    "parent",
    "principal",
    "proctor",
    "relative",
    "siteAdministrator",
    "student",
    "systemAdministrator",
    "teacher",
)
FAMILY_ROLES = ("guardian", "parent", "relative")
# The standard lists four, and real exports add the other three. It does no harm, since only student and teacher give access.
SEATS = ("administrator", "proctor", "student", "teacher", "aide", "parent", "guardian")
SCORE_STATUSES = ("exempt", "fully graded", "not submitted", "partially graded", "submitted")

academic_sessions = Table(
    "academicSessions.csv",
    (
        *standing(),
        text("title", Purpose.SCHOOL, required=True),
        word("type", *SESSION_TYPES, purpose=Purpose.SCHEDULE, required=True, is_open=True),
        day("startDate", Purpose.SCHEDULE, required=True),
        day("endDate", Purpose.SCHEDULE, required=True),
        to("parentSourcedId", SESSIONS, required=False),
        Column("schoolYear", Kind.YEAR, Purpose.SCHEDULE, required=True),
    ),
    into=("term",),
    spans=(("startDate", "endDate"),),
)
orgs = Table(
    "orgs.csv",
    (
        *standing(),
        text("name", Purpose.SCHOOL, required=True),
        word("type", *ORG_TYPES, purpose=Purpose.SCHOOL, required=True, is_open=True),
        text("identifier", Purpose.SCHOOL),
        to("parentSourcedId", "orgs", required=False),
    ),
    into=("school",),
)
courses = Table(
    "courses.csv",
    (
        *standing(),
        to("schoolYearSourcedId", SESSIONS, required=False, purpose=None),
        text("title", Purpose.SCHOOL, required=True),
        text("courseCode", Purpose.SCHOOL),
        Column("grades", Kind.GRADES),
        to("orgSourcedId", "orgs"),
        *unread("subjects", "subjectCodes"),
    ),
    into=("course",),
)
classes = Table(
    "classes.csv",
    (
        *standing(),
        text("title", Purpose.SCHOOL, required=True),
        Column("grades", Kind.GRADES),
        to("courseSourcedId", "courses"),
        text("classCode", Purpose.SCHOOL),
        word("classType", "homeroom", "scheduled", purpose=Purpose.SCHOOL, required=True, is_open=True),
        *unread("location"),
        to("schoolSourcedId", "orgs"),
        to_many("termSourcedIds", SESSIONS, required=True),
        *unread("subjects", "subjectCodes"),
        text("periods", Purpose.SCHOOL),
    ),
    into=("section", "section_term"),
)
users = Table(
    "users.csv",
    (
        *standing(),
        yes_no("enabledUser", Purpose.CHANGES, required=True),
        *unread("username", "userIds"),
        text("givenName", Purpose.NAME, required=True),
        text("familyName", Purpose.NAME, required=True),
        text("middleName", Purpose.NAME),
        *unread("identifier"),
        text("email", Purpose.CONTACT),
        text("sms", Purpose.CONTACT),
        text("phone", Purpose.CONTACT),
        to_many("agentSourcedIds", USERS, purpose=Purpose.FAMILY),
        Column("grades", Kind.GRADES, Purpose.LEVEL),
        *unread("password", "userMasterIdentifier"),
        text("preferredGivenName", Purpose.PREFERRED),
        *unread("preferredMiddleName"),
        text("preferredFamilyName", Purpose.PREFERRED),
        *unread("primaryOrgSourcedId", "pronouns"),
    ),
    into=("person", "contact_detail", "contact"),
)
roles = Table(
    "roles.csv",
    (
        *standing(),
        to("userSourcedId", USERS),
        word("roleType", "primary", "secondary", purpose=Purpose.ROLE, required=True),
        word("role", *ROLES, purpose=Purpose.ROLE, required=True, is_open=True),
        day("beginDate", Purpose.SCHEDULE),
        day("endDate", Purpose.SCHEDULE),
        to("orgSourcedId", "orgs"),
        *unread("userProfileSourcedId"),
    ),
    into=("role", "person"),
    spans=(("beginDate", "endDate"),),
)
enrollments = Table(
    "enrollments.csv",
    (
        *standing(),
        to("classSourcedId", CLASSES),
        to("schoolSourcedId", "orgs", purpose=None),
        to("userSourcedId", USERS),
        word("role", *SEATS, purpose=Purpose.ROLE, required=True, is_open=True),
        yes_no("primary", Purpose.ROLE),
        day("beginDate", Purpose.SCHEDULE),
        day("endDate", Purpose.SCHEDULE),
    ),
    into=("enrollment",),
    spans=(("beginDate", "endDate"),),
)
demographics = Table(
    "demographics.csv",
    (
        Column("sourcedId", Kind.GUID, Purpose.JOIN, required=True, refers_to=USERS),
        *standing()[1:],
        day("birthDate", Purpose.BIRTH),
        *unread("sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican"),
        *unread("nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces"),
        *unread("hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth"),
        *unread("publicSchoolResidenceStatus"),
    ),
    into=("demographic",),
)
categories = Table(
    "categories.csv",
    (*standing(), text("title", Purpose.GRADES, required=True), number("weight", Purpose.GRADES, least=0, most=100)),
    into=("category",),
)
line_items = Table(
    "lineItems.csv",
    (
        *standing(),
        text("title", Purpose.GRADES, required=True),
        text("description", Purpose.CHANGES),
        day("assignDate", Purpose.GRADES, required=True),
        day("dueDate", Purpose.GRADES, required=True),
        to("classSourcedId", CLASSES),
        to("categorySourcedId", "categories"),
        to("academicSessionSourcedId", SESSIONS),
        number("resultValueMin", Purpose.GRADES),
        number("resultValueMax", Purpose.GRADES),
        to("schoolSourcedId", "orgs", purpose=None),
    ),
    into=("line_item",),
)
results = Table(
    "results.csv",
    (
        *standing(),
        to("lineItemSourcedId", "lineItems"),
        to("studentSourcedId", USERS),
        word("scoreStatus", *SCORE_STATUSES, purpose=Purpose.GRADES, required=True),
        number("score", Purpose.GRADES),
        day("scoreDate", Purpose.GRADES, required=True),
        text("comment", Purpose.GRADES),
        text("textScore", Purpose.GRADES),
        to("classSourcedId", CLASSES, required=False),
        yes_no("inProgress", Purpose.GRADES),
        yes_no("incomplete", Purpose.GRADES),
        yes_no("late", Purpose.GRADES),
        yes_no("missing", Purpose.GRADES),
    ),
    into=("result",),
)
score_scales = Table(
    "scoreScales.csv",
    (
        *standing(),
        text("title", Purpose.GRADES, required=True),
        text("type", Purpose.GRADES, required=True),
        to("orgSourcedId", "orgs"),
        # The standard requires both, but a whole school's scale has neither, and exporters leave them blank.
        to("courseSourcedId", "courses", required=False),
        to("classSourcedId", CLASSES, required=False),
        Column("scoreScaleValue", Kind.SCALE, Purpose.GRADES, required=True),
    ),
    into=("score_scale",),
)
line_item_score_scales = Table(
    "lineItemScoreScales.csv",
    (*standing(), *unread("title"), to("lineItemSourcedId", "lineItems"), to("scoreScaleSourcedId", "scoreScales")),
    into=("line_item_score_scale",),
)
result_score_scales = Table(
    "resultScoreScales.csv",
    (*standing(), *unread("title"), to("resultSourcedId", "results"), to("scoreScaleSourcedId", "scoreScales")),
    into=("result_score_scale",),
)

# These are in the standard but never opened, because nothing here needs them (userProfiles has passwords).
NEVER_OPENED = tuple(
    Table(f"{stem}.csv", (*standing()[:1], *unread("status", "dateLastModified", *names.split())))
    for stem, names in {
        "classResources": "title classSourcedId resourceSourcedId",
        "courseResources": "title courseSourcedId resourceSourcedId",
        "lineItemLearningObjectiveIds": "lineItemSourcedId source learningObjectiveId",
        "resources": "vendorResourceId title roles importance vendorId applicationId",
        "resultLearningObjectiveIds": "resultSourcedId source learningObjectiveId score textScore",
        "userProfiles": "userSourcedId profileType vendorId applicationId description credentialType username password",
        "userResources": "userSourcedId orgSourcedId classSourcedId resourceSourcedId",
    }.items()
)

# In the order in which rows can refer to one another. Nothing refers to a later table, except a parent in its own.
TABLES: dict[str, Table] = by_stem(
    (
        orgs,
        academic_sessions,
        courses,
        classes,
        users,
        roles,
        demographics,
        enrollments,
        categories,
        line_items,
        results,
        score_scales,
        line_item_score_scales,
        result_score_scales,
        ATTENDANCE,
        CONTACTS,
        *NEVER_OPENED,
    )
)

# Homeroom's own files come with the standard's and need no line in the manifest.
BESIDE = ("attendance", "contacts")
