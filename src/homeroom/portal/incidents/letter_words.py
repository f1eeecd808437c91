"""The words of a notice of a data breach, in English and Spanish. A letter is always in both, and the jobs process has none of Django's translations."""

from collections.abc import Mapping, Sequence
from datetime import date

LANGUAGES = {"en": "English", "es": "Español"}
TITLES = {
    "en": {"first notice": "Notice of Data Breach", "second notice": "Second Notice of Data Breach"},
    "es": {"first notice": "Aviso de filtración de datos", "second notice": "Segundo aviso de filtración de datos"},
}
# The statute's five headings (Civ. Code 1798.82(d)), by the part that they are for.
HEADINGS = {
    "en": {
        "what_happened": "What Happened", "involved": "What Information Was Involved", "doing": "What We Are Doing", "can_do": "What You Can Do",
        "more": "For More Information",
    },
    "es": {
        "what_happened": "Qué pasó", "involved": "Qué información se vio afectada", "doing": "Qué estamos haciendo", "can_do": "Qué puede hacer usted",
        "more": "Para más información",
    },
}  # fmt: skip
CHANGED = {"en": "What We Changed So That It Doesn’t Happen Again", "es": "Qué cambiamos para que no vuelva a pasar"}  # "doing" in the second notice
SAID = {
    "en": {
        "learned": "The district learned of it on {day}.", "seen": "These kinds of data may have been seen: {kinds}.", "call": "Call {district}: {phone}.",
        "drill": "Drill. The facts are made up.", "own": "This letter is about your own data.", "student": "This letter is about a student’s record.",
        "record": "This letter is about the record of {names}.", "both": "This letter is about the record of {names}, and about your own data.",
        "and": "and", "other side": "Español: al reverso",
    },
    "es": {
        "learned": "El distrito se enteró el {day}.", "seen": "Alguien pudo ver estos tipos de datos: {kinds}.", "call": "Llame a {district}: {phone}.",
        "drill": "Simulacro. Los hechos son inventados.", "own": "Esta carta trata de los datos de usted.",
        "student": "Esta carta trata del expediente de un estudiante.", "record": "Esta carta trata del expediente de {names}.",
        "both": "Esta carta trata del expediente de {names} y de los datos de usted.", "and": "y", "other side": "English on the back",
    },
}  # fmt: skip
DATA = {
    "en": {
        "names": "names", "grades": "grades and work", "attendance": "attendance", "contacts": "contact details", "birth date": "birth dates",
        "ledger": "access logs", "changes": "changes by a file", "contact names": "names of contacts", "credentials": "sign-in data",
    },
    "es": {
        "names": "nombres", "grades": "calificaciones y trabajos", "attendance": "asistencia", "contacts": "datos de contacto",
        "birth date": "fechas de nacimiento", "ledger": "registros de accesos", "changes": "cambios de un archivo",
        "contact names": "nombres de contactos", "credentials": "datos para iniciar sesión",
    },
}  # fmt: skip

DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}


def day_said(of: date, language: str) -> str:
    """Returns for example "Thursday, December 3, 2026"."""
    weekday, month = DAYS[language][of.weekday()], MONTHS[language][of.month - 1]
    return f"{weekday} {of.day} de {month} de {of.year}" if language == "es" else f"{weekday}, {month} {of.day}, {of.year}"


def headings(notice: str, language: str) -> Mapping[str, str]:
    return HEADINGS[language] | ({"doing": CHANGED[language]} if notice == "second notice" else {})


def listed(names: Sequence[str], language: str) -> str:
    """Returns for example "names, grades and attendance"."""
    return ", ".join(names[:-1]) + f" {SAID[language]['and']} {names[-1]}" if len(names) > 1 else "".join(names)
