"""Short functions that make columns shared by many files, so that the tables read like the standard's own lists."""

from homeroom.formats.spec import Column, Kind, Purpose

YES_NO = ("true", "false")
ENDED_WORDS = ("tobedeleted", "inactive")  # inactive is deprecated, and read as tobedeleted
STATUS_WORDS = ("active", *ENDED_WORDS)


def standing() -> tuple[Column, ...]:
    """Returns sourcedId, status and dateLastModified, which begin every OneRoster file. The last one is used only in delta files."""
    return (
        Column("sourcedId", Kind.GUID, Purpose.SAME_ROW, required=True),
        Column("status", Kind.WORD, Purpose.ENDED, enum=STATUS_WORDS),
        Column("dateLastModified", Kind.DATETIME),
    )


def to(name: str, stem: str, *, required: bool = True, purpose: Purpose | None = Purpose.JOIN) -> Column:
    return Column(name, Kind.GUID, purpose, required, refers_to=stem)


def to_many(name: str, stem: str, *, required: bool = False, purpose: Purpose | None = Purpose.JOIN) -> Column:
    return Column(name, Kind.GUIDS, purpose, required, refers_to=stem)


def text(name: str, purpose: Purpose | None = None, *, required: bool = False) -> Column:
    return Column(name, Kind.TEXT, purpose, required)


def day(name: str, purpose: Purpose | None = None, *, required: bool = False) -> Column:
    return Column(name, Kind.DATE, purpose, required)


def word(
    name: str, *words: str, purpose: Purpose | None = None, required: bool = False, is_open: bool = False
) -> Column:
    return Column(name, Kind.WORD, purpose, required, enum=words, is_open=is_open)


def yes_no(name: str, purpose: Purpose | None = None, *, required: bool = False) -> Column:
    return Column(name, Kind.WORD, purpose, required, enum=YES_NO)


def number(
    name: str, purpose: Purpose | None = None, *, required: bool = False, least: float = -1e9, most: float = 1e9
) -> Column:
    """The default limits keep 1e400, and typing errors beyond any score, out of the database."""
    return Column(name, Kind.NUMBER, purpose, required, least=least, most=most)


def unread(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TEXT) for name in names)
