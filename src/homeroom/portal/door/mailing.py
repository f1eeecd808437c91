"""Emails about accounts. The jobs process sends them and makes the code in an email, so that no table holds the code."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from homeroom.portal.access.reading import Reading
from homeroom.portal.door.brake_mail import BRAKE_WORDS
from homeroom.portal.letters import code
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, Unknown, Unsent, begun_mail, hand_over

HAND = "SELECT hand_account_mail(%s, %s)"
ANSWERED = "SELECT account_mail_answered(%s, %s, %s, %s)"

# By kind and language: the subject, and the words before and after the variable part. They name no one.
WORDS = {
    ("reset", "en"): (
        "a code for a new password",
        "Someone asked for a new password for your account. If it was you, type this code within 30 minutes:",
        "In a browser where you haven't signed in before, you then wait 15 minutes. "
        "If it wasn't you, do nothing. Without the code, nothing changes. No one from the school ever asks you for it.",
    ),
    ("reset", "es"): (
        "un código para una contraseña nueva",
        "Alguien pidió una contraseña nueva para su acceso. Si fue usted, escriba este código en los próximos 30 minutos:",
        "En un navegador donde usted no había iniciado sesión antes, después espera 15 minutos. "
        "Si no fue usted, no haga nada: sin el código no cambia nada. Nadie de la escuela se lo pedirá nunca.",
    ),
    ("prove", "en"): (
        "a code for your email address",
        "You gave this email address for your account. Type this code on your account page within 30 minutes:",
        "If it wasn't you, do nothing. Without the code, the address isn't used.",
    ),
    ("prove", "es"): (
        "un código para su dirección de correo",
        "Usted dio esta dirección para su acceso. Escriba este código en la página de su cuenta en los próximos 30 minutos:",
        "Si no fue usted, no haga nada: sin el código la dirección no cuenta para nada.",
    ),
    ("changed", "en"): (
        "your email address was removed",
        "This email address no longer belongs to your account.",
        "If that wasn't you, call the school office today. Use a phone number that you know.",
    ),
    ("changed", "es"): (
        "se quitó su dirección de correo",
        "Esta dirección ya no pertenece a su acceso.",
        "Si no fue usted, llame hoy a la oficina de la escuela, a un número que usted conozca.",
    ),
    ("factor", "en"): (
        "a way to sign in was changed",
        "A way to sign in to your account was added, changed or removed: the password, a passkey, an authenticator app or recovery codes. "
        "Your account page says which, and when.",
        "If it was you, you don't need to do anything. If not, call the school office today. Use a phone number that you know.",
    ),
    ("factor", "es"): (
        "cambió un método de acceso",
        "Se agregó, cambió o quitó un método de acceso a su cuenta: la contraseña, una llave de acceso, una aplicación de autenticación o los "
        "códigos de recuperación. La página de su cuenta dice cuál, y cuándo.",
        "Si fue usted, no tiene que hacer nada. Si no, llame hoy a la oficina de la escuela, a un número que usted conozca.",
    ),
    ("browser", "en"): (
        "someone signed in from a new browser",
        "Someone signed in to your account from a browser that it had not used before:",
        "If it was you, you don't need to do anything. If not, go to your school's portal the way you always do. Change your password and "
        "sign out the other devices on your account page. Or call the school office today. Use a phone number that you know.",
    ),
    ("answered", "en"): (
        "your request was answered",
        "The school office answered your request. Sign in the way you always do to read the answer.",
        "If you didn't ask for anything, call the school office. Use a phone number that you know.",
    ),
    ("answered", "es"): (
        "se respondió a su solicitud",
        "La oficina de la escuela respondió a lo que usted pidió. Entre como siempre lo hace para leerlo.",
        "Si no pidió nada, llame a la oficina de la escuela, a un número que usted conozca.",
    ),
    ("challenge", "en"): (
        "a challenge is waiting for an administrator",
        "A family says that an adult should not see its child's record. Sign in the way you always do, and open the Challenges page.",
        "If no one answers within a school day, the district's administrators get a reminder each day.",
    ),
    ("challenge", "es"): (
        "una impugnación espera a un administrador",
        "Una familia dice que alguien no debería tener un vínculo con su hijo. Entre como siempre lo hace y abra la página Impugnaciones.",
        "Si nadie responde en un día de clases, se avisa cada día a los administradores del distrito.",
    ),
    ("written", "en"): (
        "the school office has a message for you",
        "The school office wrote to you about who may see a child's record. Sign in the way you always do to read it.",
        "If you don't know what it is about, call the school office. Use a phone number that you know.",
    ),
    ("written", "es"): (
        "la oficina de la escuela tiene algo para usted",
        "La oficina de la escuela tiene noticias sobre quién puede ver el expediente de un niño. Entre como siempre lo hace para leerlas.",
        "Si no sabe de qué se trata, llame a la oficina de la escuela, a un número que usted conozca.",
    ),
    ("closed", "en"): (
        "your account was closed",
        "Your account can't see any child's record anymore, so it was closed.",
        "If that is wrong, call the school office, or come to the office with a photo ID. Use a phone number that you know.",
    ),
    ("closed", "es"): (
        "se cerró su cuenta",
        "Ya no hay ningún expediente de un niño abierto para su cuenta; por eso se cerró.",
        "Si es un error, llame a la oficina de la escuela, a un número que usted conozca, o venga con una identificación con foto.",
    ),
    ("overdue", "en"): (
        "requests are waiting for an answer",
        "Overdue requests that you can answer: %(n)d. Sign in the way you always do, and open the Approvals, Requests and Tutors pages.",
        "You get this email each day until they are answered. After 60 days, a request to see a child's record, or a student's request, closes by itself.",
    ),
    ("overdue", "es"): (
        "hay solicitudes que esperan respuesta",
        "Solicitudes atrasadas que usted puede responder: %(n)d. Entre como siempre lo hace y abra las páginas Aprobaciones, Solicitudes y Tutores.",
        "Se le avisa cada día mientras alguna espere tanto. Después de 60 días, una solicitud de ver el expediente de un niño, o la de un "
        "estudiante que pide una cuenta, se cierra sola.",
    ),
    ("incident overdue", "en"): (
        "an incident has overdue deadlines",
        "Overdue deadlines of incidents: %(n)d. Sign in the way you always do, and open the Incidents page.",
        "You get this email each day until they are recorded as done. The page says what each one asks for.",
    ),
    ("incident overdue", "es"): (
        "un incidente tiene plazos vencidos",
        "Plazos vencidos de incidentes: %(n)d. Entre como siempre lo hace y abra la página Incidentes.",
        "Se le avisa cada día hasta que se registren como hechos. La página dice qué pide cada uno.",
    ),
    ("inspection", "en"): (
        "someone asked to inspect a record",
        "A family or a student asked the school to show a record. The law gives you five business days (California Education Code "
        "49069.7). Answer by %(day)s. Sign in the way you always do, and open the Requests page.",
        "You get one email a day, however many people ask. The page lists all of them.",
    ),
    ("inspection", "es"): (
        "alguien pide revisar un expediente",
        "Una familia o un estudiante pide que la escuela le muestre un expediente. La ley da cinco días hábiles (Código de Educación de "
        "California, 49069.7): usted tiene hasta el %(day)s para responder. Entre como siempre lo hace y abra la página Solicitudes.",
        "Aunque varios lo pidan el mismo día, usted recibe un solo correo. En la página están todas las solicitudes.",
    ),
    ("applied", "en"): (
        "a tutor applied",
        "Someone applied to be a tutor in your district. Sign in the way you always do, and open the Tutors page.",
        "You get one email a day, however many people apply.",
    ),
    ("applied", "es"): (
        "se presentó un tutor",
        "Alguien pidió ser tutor en su distrito. Entre como siempre lo hace y abra la página Tutores.",
        "Aunque se presenten varios, usted recibe un correo por día.",
    ),
    ("lapsed", "en"): (
        "your request was closed",
        "No one answered your request within 60 days, so it was closed, and what you wrote was deleted. If you had nothing else here, "
        "your account was closed, too.",
        "You can ask again, or call the school office. Use a phone number that you know.",
    ),
    ("lapsed", "es"): (
        "se cerró su solicitud",
        "Lo que usted pidió no se respondió en 60 días; por eso se cerró, y se borró lo que usted escribió para ello. Si no tiene nada más "
        "aquí, también se cerró su cuenta.",
        "Puede volver a pedirlo, o llamar a la oficina de la escuela, a un número que usted conozca.",
    ),
    ("asks", "en"): (
        "someone asked to see a child's record",
        "Someone asked to see the record of a child. You can see that record, too, or the school has your address for the child. The school office "
        "checks who it is.",
        "If you don't know who it could be, call the school office. Use a phone number that you know.",
    ),
    ("asks", "es"): (
        "alguien pide ver el expediente de un niño",
        "Alguien pide ver el expediente de un niño que usted también ve, o para el que la escuela tiene su dirección. La oficina de la escuela "
        "comprueba quién es.",
        "Si no sabe de nadie que lo haría, llame a la oficina de la escuela, a un número que usted conozca.",
    ),
    ("browser", "es"): (
        "alguien entró desde un navegador nuevo",
        "Alguien entró a su cuenta desde un navegador que era nuevo para ella:",
        "Si fue usted, no tiene que hacer nada. Si no, entre al portal de su escuela como siempre lo hace, cambie su contraseña y cierre "
        "las otras sesiones en la página de su cuenta; o llame hoy a la oficina de la escuela, a un número que usted conozca.",
    ),
} | BRAKE_WORDS
# An email that no one asked for has no link, or one to a page that first asks for a sign-in.
PAGES = {
    "reset": "/sign-in/code",
    "prove": "/account/email",
    "weekly views": "/office/limits/week",
    "scores changed": "/classes",
    **dict.fromkeys(("changed", "answered", "challenge", "written", "overdue", "applied", "asks", "inspection"), "/sign-in"),
    **dict.fromkeys(("incident overdue", "signer revoked"), "/sign-in"),
}
WITH_CODE = ("reset", "prove")
DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}
SOME_BROWSER = {"en": "a browser", "es": "un navegador"}

log = logging.getLogger("jobs")


class Overtaken(Exception):
    """Another process sends this email at the same moment."""


@dataclass(frozen=True, slots=True)
class Mail:
    id: int
    kind: str
    address: str
    language: str
    tries: int
    browser: str
    made_at: datetime
    counted: int
    by_day: date | None


DUE = Reading(Mail, "account_mails_due")


def send_due(connection: Connection[Any], place: Place, relay: Relay) -> int:
    """Returns the number that the relay took. Commits."""
    due = DUE.on(connection)
    connection.commit()
    return sum(_send(connection, place, relay, each) for each in due)


def _send(connection: Connection[Any], place: Place, relay: Relay, mail: Mail) -> bool:
    """Marks the email before the relay gets it. If the process is killed in between, the person asks again, and no one gets two."""
    plain = code.new_code()
    hashed = code.digest(plain)
    try:
        hand_over(relay, mail.address, written(place, relay, mail, plain), lambda: _mark(connection, mail, hashed))
    except Overtaken:
        return False
    except Unsent as no:
        _answered(connection, mail, hashed, str(no), not_taken=True)
        log.warning("the relay did not take account mail %d: %s; it is tried again", mail.id, no)
        return False
    except Unknown as silent:
        _answered(connection, mail, hashed, f"unknown: {silent}", not_taken=False)
        log.warning("the relay did not say whether it took account mail %d", mail.id)
        return False
    _answered(connection, mail, hashed, "", not_taken=False)
    return True


def _mark(connection: Connection[Any], mail: Mail, hashed: bytes) -> None:
    """Raises Overtaken."""
    row = connection.execute(HAND, [mail.id, hashed]).fetchone()
    connection.commit()
    if not row or not row[0]:
        raise Overtaken


def _answered(connection: Connection[Any], mail: Mail, hashed: bytes, said: str, *, not_taken: bool) -> None:
    connection.execute(ANSWERED, [mail.id, hashed, said, not_taken])
    connection.commit()


def written(place: Place, relay: Relay, mail: Mail, plain: str) -> EmailMessage:
    """Writes the email. It has at most one link, to a page that asks for the code. The code is next to the link and not in it."""
    language = mail.language if mail.language == "es" else "en"
    subject, before, after = WORDS[mail.kind, language]
    message = begun_mail(place, relay, mail.address, subject, f"account-{mail.id}-{mail.tries}")
    link = [place.address + PAGES[mail.kind], ""] if mail.kind in PAGES else []
    if mail.kind in ("overdue", "inspection", "scores changed", "incident overdue"):
        before = before % {"n": mail.counted, "day": day_said(mail.by_day, language) if mail.by_day else ""}
    message.set_content("\n".join([before, *between(place, mail, language, plain), *link, after, ""]))
    return message


def day_said(of: date, language: str) -> str:
    """Returns for example "Thursday, December 3, 2026". The jobs process has none of Django's translations."""
    weekday, month = DAYS[language][of.weekday()], MONTHS[language][of.month - 1]
    return f"{weekday} {of.day} de {month} de {of.year}" if language == "es" else f"{weekday}, {month} {of.day}, {of.year}"


def between(place: Place, mail: Mail, language: str, plain: str) -> list[str]:
    """Returns the code, or the browser and the time on the district's clock. Most emails are only words."""
    if mail.kind in WITH_CODE:
        return ["", f"    {code.grouped(plain)}", ""]
    if mail.kind != "browser":
        return [""]
    at = mail.made_at.astimezone(ZoneInfo(place.time_zone))
    return ["", f"    {mail.browser or SOME_BROWSER[language]}, {at:%Y-%m-%d, %H:%M}", ""]
