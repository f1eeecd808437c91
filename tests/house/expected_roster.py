"""Expected answers about settings, schools, classes, news and one's own request. None of it is a student's record."""

from tests.house.notation import EVERYONE, OFFICES, Act, Read

STAFF_OF_MIDDLE = "bo/staff dana/staff ted/staff rosa/staff pat/staff ruth/staff"
FAMILIES_OF_MIDDLE = """nina/student max/student ned/student ivy/student dana/family ada/family dee/family zoe/family ora/family pia/family"""
CLERKS = {"pat/staff rosa/staff": "middle", "cam/staff": "elementary"}
ASKING = "decode(current_setting('homeroom.proof'), 'hex')"
CODES = "(VALUES ('absent', '', '[0, 0]'), ('tardy', '', NULL)) AS c (status, excuse, was)"

READS = {
    # Everyone who is signed in, except support.
    "begin_request": Read(
        f"SELECT w.* FROM jsonb_to_record(begin_request({ASKING})) AS w (full_name text, first_name text, side text, is_administrator boolean, duties jsonb,"
        " children jsonb, other_side text, has_estimates boolean, as_of timestamptz, grades_as_of timestamptz, attendance_as_of timestamptz, restored jsonb)"
        " WHERE w.full_name IS NOT NULL",
        "full_name side",
        {
            "ana/family": "Ana_Ruiz/family",
            "nina/student": "Nina_Ruiz/student",
            "leo/student": "Leo_Ruiz/student",
            "max/student": "Max_Moss/student",
            "jo/family": "Jo_Castillo/family",
            "tia/family": "Tia_Bright/family",
            "bo/staff": "Bo_Larsen/staff",
            "dana/staff": "Dana_Okafor/staff",
            "dana/family": "Dana_Okafor/family",
            "dee/family": "Dee_Moss/family",
            "gus/family": "Gus_Moss/family",
            "carl/staff": "Carl_Webb/staff",
            "rosa/staff": "Rosa_Lim/staff",
            "pat/staff": "Pat_Quill/staff",
            "vera/staff": "Vera_Holt/staff",
            "lou/family": "Lou_Ibarra/family",
            "ada/staff": "Ada_Frost/staff",
            "ada/family": "Ada_Frost/family",
            "fay/staff": "Fay_Nolan/staff",
            "cam/staff": "Cam_Doyle/staff",
            "ruth/staff": "Ruth_Cole/staff",
            "oz/staff": "Oz_Finch/staff",
            "oz/family": "Oz_Finch/family",
            "ted/staff": "Ted_Shaw/staff",
            "ora/family": "Ora_Park/family",
            "pia/family": "Pia_Ross/family",
            "uma/family uma/weak": "Uma_Gray/family",
            "zoe/family": "Zoe_Bell/family",
            "ned/student": "Ned_Park/student",
            "ivy/student": "Ivy_Park/student",
            "hal/student": "Hal_Park/student",
            "kit/student": "Kit_Okafor/student",
        },
    ),
    # Parents who register choose from this list. It is no secret, and the door shows it to anyone.
    "schools_listed": Read(
        "SELECT * FROM schools_listed()",
        "uuid",
        {EVERYONE + " ray/support": "middle elementary", "": "middle elementary"},
    ),
    "attendance_codes_shown": Read(
        "SELECT * FROM attendance_codes_shown()", "status", {EVERYONE: "absent present tardy"}
    ),
    # Classes whose record a staff member may view. A substitute sees only names.
    "class_titled": Read(
        "SELECT * FROM (SELECT c.name, class_titled(c.uuid) AS title FROM {classes} OFFSET 0) w WHERE w.title IS NOT NULL",
        "name",
        {
            "bo/staff": "algebra",
            "dana/staff": "english",
            "ted/staff": "science",
            "pat/staff": "algebra english art science",
            "cam/staff": "reading",
        },
    ),
    "classes_i_teach": Read(
        "SELECT c.name, w.* FROM classes_i_teach(timezone('PST8PDT', now())::date) w JOIN {classes} USING (id)",
        "name",
        {"bo/staff": "algebra", "dana/staff": "english", "ted/staff": "science"},
        "id",
    ),
    "classes_of_my_schools": Read(
        "SELECT c.name, w.* FROM classes_of_my_schools() w JOIN {classes} USING (id)",
        "name",
        {"pat/staff": "algebra english art science", "cam/staff": "reading"},
        "id",
    ),
    # Local codes may be words about a student, so only offices see them, with counts.
    "attendance_codes_met": Read("SELECT * FROM attendance_codes_met(9)", "status", {OFFICES: "absent"}),
    "attendance_codes_counted": Read(
        "SELECT * FROM attendance_codes_counted('z', '', '-infinity')", "status", {OFFICES: "absent"}
    ),
    "attendance_codes_touched": Read(
        "SELECT * FROM attendance_codes_touched('{{absent}}', '{{\"\"}}') WHERE marks > 0",
        "status",
        {OFFICES: "absent -"},
    ),
    # Schools where a duty opens attendance, and numbers about the absences there.
    "attendance_schools_shown": Read("SELECT * FROM attendance_schools_shown()", "uuid", CLERKS),
    "absences_counted": Read(
        "SELECT coalesce(period, 'all') AS name, w.* FROM absences_counted(NULL, '') w", "name", {" ".join(CLERKS): "all"}, "last_day"
    ),
    # Teachers name categories, and the names say nothing about a student.
    "grade_categories_shown": Read("SELECT * FROM grade_categories_shown(9)", "title", {OFFICES: "Term_Grade Homework"}),
    "grade_categories_previewed": Read(
        "SELECT 'all' AS effect, w.* FROM grade_categories_previewed('{{}}') w", "effect", {OFFICES: "all"}
    ),
    "classes_ungraded_shown": Read("SELECT 'all' AS counted, w.* FROM classes_ungraded_shown() w", "counted", {OFFICES: "all"}),
    # News of one's schools, for one's audience. A role, duty or class that is over or has not begun doesn't count, nor does a tutor's access.
    "news_shown": Read(
        "SELECT lower(title) AS name, w.* FROM news_shown(NULL, 100) w",
        "name",
        {
            "ana/family": "concert fair holiday",
            FAMILIES_OF_MIDDLE: "concert holiday",
            "leo/student": "fair holiday",
            f"{STAFF_OF_MIDDLE} carl/staff ada/staff oz/staff": "meeting holiday",
            "fay/staff cam/staff": "holiday",
        },
    ),
    "schools_i_publish_for": Read(
        "SELECT coalesce(nullif(uuid, ''), 'all') AS place, * FROM schools_i_publish_for()",
        "place",
        {"carl/staff ada/staff": "all middle elementary", "fay/staff": "elementary", "pat/staff": "middle"},
    ),
    "news_published": Read(
        "SELECT lower(title) AS name, * FROM news_published()",
        "name",
        {"carl/staff ada/staff": "concert meeting fair holiday", "fay/staff": "fair", "pat/staff": "concert meeting"},
    ),
}

ACTS = {
    # For all families, by any administrator who just signed in again.
    "set_attendance_codes": Act(
        """set_attendance_codes('[{{"status": "wfh", "excuse_code": "", "was": null, "now": [1, 0]}}]')""",
        {"carl/staff ada/staff fay/staff": "true"},
        {"true": "attendance_code+1 ledger+1(setting:attendance_codes)"},
        "false",
    ),
    # For the whole district, by its administrators who just signed in again.
    "set_grade_categories": Act(
        "set_grade_categories('{{Term Grade}}', '{{Homework}}')",
        {"carl/staff ada/staff": "kept", "carl/stale": "again"},
        {"kept": "account_notice+3(setting_changed>ada,carl,ira) district~1 ledger+1(setting:grade_categories) line_item~16"},
    ),
    "publish_news": Act(
        """publish_news('{{"school": "{middle}", "audience": "families", "title": "Play", "words": "At six.", "title_es": "",
            "words_es": "", "last_day": ""}}')""",
        {"carl/staff ada/staff pat/staff": "published", "carl/stale": "again"},
        {"published": "news_item+1"},
    ),
    "take_down_news": Act(
        "take_down_news('{fair}')",
        {"carl/staff ada/staff fay/staff": "taken down", "carl/stale": "again"},
        {"taken down": "narrowing+1 news_item~1"},
    ),
}
