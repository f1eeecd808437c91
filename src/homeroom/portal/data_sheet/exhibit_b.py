"""The table of data, by the categories of the NDPA's Exhibit B. Each kind names the tables that hold it. A table about people that is in no row stops the
sheet, and so does a row whose table is gone. The names of the kinds are in our words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from homeroom.portal.data_sheet.proving import Shipped, Unproven


@dataclass(frozen=True, slots=True)
class DataRow:
    """`tables` is empty for a kind that Homeroom does not hold. A table may be followed by a column: "person.grade_levels"."""

    category: str
    kind: str
    tables: tuple[str, ...]

    @property
    def is_held(self) -> bool:
        return bool(self.tables)


def data_rows() -> list[DataRow]:
    return [DataRow(category, kind, tuple(tables.split())) for category, kinds in _categories().items() for kind, tables in kinds.items()]


def check_columns(known: Shipped) -> None:
    """Raises Unproven."""
    named = {name for row in data_rows() for name in row.tables}
    gone = sorted(name for name in named if not _is_there(name, known))
    if gone:
        raise Unproven(f"There is no data sheet, because its table of data names what this version doesn't have: {', '.join(gone)}.")
    left = sorted(known.tables.keys() - {name.partition(".")[0] for name in named})
    if left:
        raise Unproven(f"There is no data sheet, because its table of data leaves out: {', '.join(left)}.")


def _is_there(name: str, known: Shipped) -> bool:
    table, _dot, column = name.partition(".")
    return table in known.tables and (not column or column in known.tables[table]["columns"])


def _categories() -> dict[str, dict[str, str]]:
    return _about_people() | _about_school() | _of_use() | _of_offices()


def _about_people() -> dict[str, dict[str, str]]:
    return {
        _("Student name"): {_("First, middle, last and preferred name"): "person.given_name person.preferred_given_name change change_detail question"},
        _("Student identifiers"): {
            _("The district’s student number"): "former_id merge merged_row erased_student",
            _("State student number"): "",
            _("Number that Homeroom gives"): "person",
            _("Username"): "account.sign_in_name account",
            _("Password, as a hash"): "credential code card",
        },
        _("Demographics"): {
            _("Birth date"): "demographic",
            _("Place of birth, gender, race, language, other"): "",
        },
        _("Student contact information"): {_("Email and phone"): "contact_detail", _("Home address"): ""},
        _("Parent or guardian name"): {_("First and last name"): "contact.name contact"},
        _("Parent or guardian contact information"): {_("Email and phone"): "contact.email contact.phone mail_address", _("Home address"): ""},
        _("Parent or guardian identifiers"): {_("Number that links a parent to a student"): "tie contact_join"},
    }


def _about_school() -> dict[str, dict[str, str]]:
    return {
        _("Enrollment"): {
            _("School, grade level, entry and leaving"): "role person.grade_levels",
            _("Homeroom, counselor, program, year of graduation"): "",
        },
        _("Schedule"): {_("Classes and teachers"): "enrollment substitution"},
        _("Attendance"): {_("By day and by class, with the district’s code"): "attendance_mark"},
        _("Assessment"): {_("Scores, missing and late work"): "result result_change result_score_scale", _("Standardized tests"): ""},
        _("Transcript"): {_("Grades of a class and term"): "result", _("Transcripts and grade points"): ""},
        _("Conduct"): {_("Behavior and discipline"): ""},
        _("Special indicators"): {_("Disability, health, income, English learner, housing"): "", _("Student under an alias, as the office set it"): "masking"},
        _("Student work"): {_("Student writing, pictures and files"): "", _("A teacher’s comment on a score"): "result.comment"},
        _("Programs, surveys and transportation"): {_("Activities, survey answers, buses"): ""},
        _("Copies from imports"): {_("Changes by an import, to undo it, and the file’s numbers"): "row_image delivery upload decision answer signer"},
    }


def _of_use() -> dict[str, dict[str, str]]:
    return {
        _("Use of the portal"): {
            _("Views of records, in the access log"): "ledger ledger_student view_day withheld_entry",
            _("Unusual reading by staff"): "look_count look_student brake cap_raise",
            _("Records that are open on a page now"): "opening closing support_opening",
            _("Reading by families and students, kept as a profile"): "",
        },
        _("Technical data"): {
            _("Sessions, browsers and cookies for sign-in"): "session known_browser sign_in_step",
            _("Addresses of computers, as keyed hashes"): "security_event sign_in_try wrong_password letter_try",
            _("Second factors"): "passkey authenticator recovery_code",
            _("Location, biometrics, advertising numbers"): "",
        },
        _("Communications"): {
            _("Notices and emails of the portal"): "account_notice account_mail paper_notice breach_letter news_item",
            _("Messages about a challenge to an adult’s access"): "challenge_message",
            _("Chat and email between people"): "",
        },
    }


def _of_offices() -> dict[str, dict[str, str]]:
    return {
        _("Requests and consents"): {
            _("Requests for access, and challenges"): "registration contact_code challenge account_end",
            _("Tutors: applications, requests and consents"): "tutor_application tutor_request tutor_consent",
            _("Consents and opt-outs from directory information"): "signed_consent directory_opt_out",
            _("Requests to inspect or correct, and statements"): "inspection correction",
            _("Rights at 18, and taxes"): "majority dependence age_agreement age_effect",
        },
        _("Decisions of the district"): {
            _("Court orders and other restrictions"): "restriction closed_to_parents hold narrowing",
            _("Duties, administrators and second approvals"): "duty administrator board_second proposal",
            _("Support and restores"): "supporter support_grant support_session restoration restoration_line",
            _("Incidents"): "incident incident_fact",
        },
    }
