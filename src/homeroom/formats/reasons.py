"""Every reason for which a package, a file or a row is refused or noted, and its English sentence.

A sentence never repeats anything from the file. It may name only Homeroom's own columns and limits. Pages translate by code.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """A closed list. A receipt has one of these codes and no other."""

    # The package
    EMPTY = "empty"
    NOT_A_ZIP = "not-a-zip"
    DAMAGED = "damaged"
    ZIP_ENCRYPTED = "zip-encrypted"
    EXPLODES = "explodes"
    ESCAPES = "escapes"
    NESTED = "nested"
    MEMBER_DOUBLED = "member-doubled"
    MEMBERS_MANY = "members-many"
    COMPRESSION_UNKNOWN = "compression-unknown"
    FOLDERS = "folders"
    TOP_FOLDER = "top-folder"
    FILE_UNKNOWN = "file-unknown"
    FILE_NAME_CASE = "file-name-case"
    # The manifest
    MANIFEST_MISSING = "manifest-missing"
    CLEVER_FILES = "clever-files"
    MANIFEST_UNREADABLE = "manifest-unreadable"
    MANIFEST_DOUBLED = "manifest-doubled"
    MANIFEST_MODE = "manifest-mode"
    MANIFEST_DAYS = "manifest-days"
    MANIFEST_PROPOSED = "manifest-proposed"
    MANIFEST_PROPERTY = "manifest-property"
    MANIFEST_INCOMPLETE = "manifest-incomplete"
    VERSION_MISSING = "version-missing"
    VERSION_UNKNOWN = "version-unknown"
    MANIFEST_VERSION = "manifest-version"
    FILE_MISSING = "file-missing"
    FILE_NOT_LISTED = "file-not-listed"
    DELTA_ALONE = "delta-alone"
    # A file and its header
    FILE_EMPTY = "file-empty"
    UTF16 = "utf-16"
    HEADER_MISSING = "header-missing"
    SEPARATOR = "separator"
    HEADER_UNREADABLE = "header-unreadable"
    COLUMN_MISSING = "column-missing"
    COLUMN_DOUBLED = "column-doubled"
    COLUMN_MISSPELT = "column-misspelt"
    COLUMN_OPTIONAL_MISSING = "column-optional-missing"
    COLUMN_CASE = "column-case"
    COLUMN_ORDER = "column-order"
    COLUMN_UNKNOWN = "column-unknown"
    SOCIAL_SECURITY = "social-security"
    PASSWORDS = "passwords"
    LEGACY_ENCODING = "legacy-encoding"
    MIXED_ENCODING = "mixed-encoding"
    STATUS_IN_BULK = "status-in-bulk"
    NO_ROWS = "no-rows"
    # A row and its cells
    ROW_SHORT = "row-short"
    ROW_LONG = "row-long"
    ROW_BLANK = "row-blank"
    ROW_TOO_LARGE = "row-too-large"
    CELL_TOO_LARGE = "cell-too-large"
    QUOTE_UNCLOSED = "quote-unclosed"
    QUOTE_STRAY = "quote-stray"
    NUL = "nul"
    ENCODING = "encoding"
    REQUIRED = "required"
    ID_FORM = "id-form"
    ID_CHARACTERS = "id-characters"
    DATE_FORM = "date-form"
    DATE_IMPOSSIBLE = "date-impossible"
    DATE_RANGE = "date-range"
    DATETIME_FORM = "datetime-form"
    TIME_LOOSE = "time-loose"
    DATES_REVERSED = "dates-reversed"
    DATE_TIME_READ = "date-time-read"
    DATE_MONTH_FIRST = "date-month-first"
    DATE_DAY_FIRST = "date-day-first"
    SCORE_LETTERS = "score-letters"
    DUE_DATE_BLANK = "due-date-blank"
    YEAR_FORM = "year-form"
    YEAR_SPAN = "year-span"
    WORD_UNKNOWN = "word-unknown"
    WORD_CASE = "word-case"
    NUMBER_FORM = "number-form"
    NUMBER_RANGE = "number-range"
    SCALE_FORM = "scale-form"
    GRADE_UNKNOWN = "grade-unknown"
    # Rows compared with each other
    ID_DOUBLED = "id-doubled"
    REFERENCE_DANGLING = "reference-dangling"
    REFERENCE_BLANKED = "reference-blanked"
    STUDENT_ERASED = "student-erased"


SENTENCES: dict[Reason, str] = {
    Reason.EMPTY: "The file is empty. Run the export again and send what it makes.",
    Reason.NOT_A_ZIP: "The sealed file does not hold a ZIP. Seal the export's ZIP itself, not a single file or a "
    "folder.",
    Reason.DAMAGED: "The ZIP is damaged or was cut off. Run the export again and send the new file.",
    Reason.ZIP_ENCRYPTED: "The ZIP has a password of its own. Make it without a password: the seal already protects "
    "it.",
    Reason.EXPLODES: "The ZIP would grow beyond every bound when opened (20 GiB in all, or 200 times its size). Send "
    "only the export's own files.",
    Reason.ESCAPES: "The ZIP names a file outside its own folder. Make the ZIP again from the export's files only.",
    Reason.NESTED: "The ZIP holds another archive. Put the CSV files themselves into the ZIP.",
    Reason.MEMBER_DOUBLED: "The ZIP holds two files of the same name. Leave only the right one in it.",
    Reason.MEMBERS_MANY: "The ZIP holds more than 1,000 files. Put only the export's own files into it.",
    Reason.COMPRESSION_UNKNOWN: "The ZIP is compressed in a way that cannot be read here. Make it with the ordinary "
    "method, Deflate.",
    Reason.FOLDERS: "The ZIP has files in several folders. Put all CSV files side by side.",
    Reason.TOP_FOLDER: "All files are in one folder inside the ZIP. They were read; the standard wants them at the "
    "top.",
    Reason.FILE_UNKNOWN: "A file in the ZIP is not part of the format and was not opened.",
    Reason.FILE_NAME_CASE: "A file's name has other capital letters than the standard's. It was read.",
    Reason.MANIFEST_MISSING: "The ZIP has no manifest.csv. Run the export again so that it writes one.",
    Reason.CLEVER_FILES: "These are files in Clever's format (students.csv, sections.csv). Homeroom reads OneRoster 1.2 or 1.1. Choose OneRoster in "
    "your student system's export, and send the ZIP that it makes, with manifest.csv in it.",
    Reason.MANIFEST_UNREADABLE: "manifest.csv is not a table of propertyName and value. Run the export again.",
    Reason.MANIFEST_DOUBLED: "manifest.csv says the same property twice. Leave one line for each.",
    Reason.MANIFEST_DAYS: "manifest.csv says for which days attendance.csv is complete, and they can't be read. Write attendance.firstDay and "
    "attendance.lastDay as 2026-08-24, the earlier day first.",
    Reason.MANIFEST_PROPOSED: "The ZIP has no manifest.csv. Every file in it was read as the whole table, because the district lets this pass.",
    Reason.MANIFEST_MODE: "manifest.csv says something other than absent, bulk or delta for a file. Use one of these "
    "three.",
    Reason.MANIFEST_PROPERTY: "manifest.csv has a property that the standard does not know. It was ignored.",
    Reason.MANIFEST_INCOMPLETE: "manifest.csv does not say whether this file is absent, bulk or delta. It was taken "
    "as absent.",
    Reason.VERSION_MISSING: "manifest.csv does not say oneroster.version. Write 1.2 or 1.1 there.",
    Reason.VERSION_UNKNOWN: "This version of OneRoster cannot be read here. Export as OneRoster 1.2 or 1.1.",
    Reason.MANIFEST_VERSION: "manifest.version is not 1.0. The file was read as if it were.",
    Reason.FILE_MISSING: "manifest.csv lists this file, but the ZIP does not hold it. Run the export again.",
    Reason.FILE_NOT_LISTED: "The ZIP holds this file, but manifest.csv says it is absent. It was not opened.",
    Reason.DELTA_ALONE: "These are changes to a table that was never sent. They were applied as they are; send the whole "
    "table (bulk) once.",
    Reason.FILE_EMPTY: "The file has not even a header row. Run the export again, or leave the file out and say absent for "
    "it in manifest.csv.",
    Reason.UTF16: "The file is written in UTF-16. Save it as UTF-8.",
    Reason.HEADER_MISSING: "The first row is not the header. Put the column names of the standard there. These are needed.",
    Reason.SEPARATOR: "The cells are not separated by commas. Export the file with commas between the cells.",
    Reason.HEADER_UNREADABLE: "The header row cannot be read. Write it as plain column names with commas between.",
    Reason.COLUMN_MISSING: "A column that must be there is missing. Add it to the export.",
    Reason.COLUMN_DOUBLED: "This column is there twice. Leave only one.",
    Reason.COLUMN_MISSPELT: "A column's name is misspelt. This is how the standard writes it.",
    Reason.COLUMN_OPTIONAL_MISSING: "A column of the standard is missing. It was taken as blank.",
    Reason.COLUMN_CASE: "Column names have other capital letters than the standard's. They were read.",
    Reason.COLUMN_ORDER: "The columns are in another order than the standard's. They were read by name.",
    Reason.COLUMN_UNKNOWN: "This column is not part of the standard. It was not read.",
    Reason.SOCIAL_SECURITY: "A column seems to have Social Security numbers. Homeroom refused the whole file and kept nothing. Remove that "
                            "column from the export.",
    Reason.PASSWORDS: "The password column is filled. It was not read. Stop sending passwords.",
    Reason.LEGACY_ENCODING: "The file is not UTF-8. It was read as Windows-1252; check names with accents, and "
    "export as UTF-8.",
    Reason.MIXED_ENCODING: "Some cells of the file are UTF-8 and others Windows-1252. Each was read as what it is; check names "
    "with accents, and export all of it as UTF-8.",
    Reason.STATUS_IN_BULK: "Status is filled although the whole table was sent. "
    "Rows that say tobedeleted or inactive were left out.",
    Reason.NO_ROWS: "The file has a header and no rows. If it should have rows, run the export again.",
    Reason.ROW_SHORT: "The row has fewer cells than the header. A comma or a quotation mark may be missing.",
    Reason.ROW_LONG: "The row has more cells than the header. Put a cell that holds a comma between quotation marks.",
    Reason.ROW_BLANK: "Some rows have only commas. They were skipped.",
    Reason.ROW_TOO_LARGE: "The row is larger than 256 KiB. Shorten its cells.",
    Reason.CELL_TOO_LARGE: "A cell is larger than 64 KiB. Shorten it.",
    Reason.QUOTE_UNCLOSED: "A quotation mark is opened and not closed in the right place. Close it, and double each "
    "one inside a cell.",
    Reason.QUOTE_STRAY: "A quotation mark is inside a cell that doesn't begin with one. Quote the whole cell and double the mark.",
    Reason.NUL: "The row holds a NUL byte. Take it out.",
    Reason.ENCODING: "The row holds bytes that are not UTF-8. Export the file as UTF-8.",
    Reason.REQUIRED: "A value is required here and the cell is blank. Fill it in.",
    Reason.ID_FORM: "This isn't a valid identifier. Use 1 to 255 letters, digits and . / @ _ -, with no spaces before or after.",
    Reason.ID_CHARACTERS: "An identifier has characters beyond letters, digits and . / @ _ -. It was read as it is.",
    Reason.DATE_FORM: "This isn't a date. Write it as YYYY-MM-DD.",
    Reason.DATE_IMPOSSIBLE: "This day does not exist in the calendar. Correct it.",
    Reason.DATE_RANGE: "This date is before 1900 or after 2100. Correct it.",
    Reason.DATETIME_FORM: "This isn't a time. Write it as YYYY-MM-DDTHH:MM:SS.sssZ.",
    Reason.TIME_LOOSE: "A time isn't in the form YYYY-MM-DDTHH:MM:SS.sssZ. It was read.",
    Reason.DATES_REVERSED: "The end is before the start. Correct one of them.",
    Reason.DATE_TIME_READ: "Dates have a time, midnight. The day was read, because the district lets this pass.",
    Reason.DATE_MONTH_FIRST: "Dates are written as month/day/year. They were read, because the district lets this pass.",
    Reason.DATE_DAY_FIRST: "Dates are written as day/month/year. They were read, because the district lets this pass.",
    Reason.SCORE_LETTERS: "Scores are letters. They were read as text, because the district lets this pass.",
    Reason.DUE_DATE_BLANK: "Due dates are blank. The assigned date was read in their place, because the district lets this pass.",
    Reason.YEAR_FORM: "This isn't a school year. Write the year in which it ends, as YYYY.",
    Reason.YEAR_SPAN: "A school year is written as two years. It was read as the second one.",
    Reason.WORD_UNKNOWN: "The cell holds a word that the standard does not know here. Use one of the standard's words.",
    Reason.WORD_CASE: "A word has other capital letters, blanks or dashes than the standard's. It was read.",
    Reason.NUMBER_FORM: "This isn't a number. Use digits, with a point for decimals.",
    Reason.NUMBER_RANGE: "This number is out of range. Correct it.",
    Reason.SCALE_FORM: "This isn't a score scale. Write pairs as {left:right}, with commas between them.",
    Reason.GRADE_UNKNOWN: "A grade level is not one of the CEDS codes. It was kept as written.",
    Reason.ID_DOUBLED: "An earlier row of this file has the same key. The key is the sourcedId, or its equivalent in attendance.csv and "
                       "contacts.csv. Only the earlier row was read.",
    Reason.REFERENCE_DANGLING: "The row refers to a row that isn't in the export. Add that row, or remove this one.",
    Reason.REFERENCE_BLANKED: "A row refers to a row that isn't in the export. The reference was left out.",
    Reason.STUDENT_ERASED: "Rows of a student whom the district had erased were left out. Remove that student from the export, or ask the "
                           "portal's host to admit the student again.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was accepted and is reported once per file. `column` is one of Homeroom's own names or a column's number."""

    reason: Reason
    file: str | None = None
    column: str | None = None


class PackageRefused(Exception):
    """The whole package is refused, and nothing in it may be kept. Says only where and for which reason."""

    def __init__(self, reason: Reason, file: str | None = None, column: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.file = file
        self.column = column

    @property
    def sentence(self) -> str:
        return SENTENCES[self.reason]
