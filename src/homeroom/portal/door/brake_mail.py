"""The words of emails that help staff notice misuse: who viewed unusually many people, changed scores, and revoked keys. They name no one."""

BRAKE_WORDS = {
    ("many viewed", "en"): (
        "your account viewed unusually many people",
        "Your account came to half of the number of people that it may view in a day.",
        "If it was you, you don't need to do anything. If not, change your password and call the district today. Use a phone number that you know.",
    ),
    ("many viewed", "es"): (
        "su cuenta consultó a un número inusual de personas",
        "Su cuenta llegó a la mitad del número de personas que puede consultar en un día.",
        "Si fue usted, no tiene que hacer nada. Si no, cambie su contraseña y llame hoy al distrito, a un número que usted conozca.",
    ),
    ("limit reached", "en"): (
        "your account reached its viewing limit",
        "Your account reached the number of people that it may view in a day. Homeroom asks you to confirm that it's you before it shows more.",
        "If it wasn't you, change your password and call the district now. Use a phone number that you know. The district's administrators got an email, too.",
    ),
    ("limit reached", "es"): (
        "su cuenta llegó a su límite de consultas",
        "Su cuenta llegó al número de personas que puede consultar en un día. Homeroom le pide confirmar que es usted antes de mostrar más.",
        "Si no fue usted, cambie su contraseña y llame ahora al distrito, a un número que usted conozca. Los administradores del distrito también "
        "reciben un correo.",
    ),
    ("limit of another", "en"): (
        "a staff member reached the viewing limit",
        "A staff member viewed more people in a day than their work usually needs. Sign in the way you always do, and open the Viewing limits page.",
        "Ask the person whether it was them. If not, ask the district's IT contact to close the account now.",
    ),
    ("limit of another", "es"): (
        "alguien del personal llegó a su límite de consultas",
        "Alguien del personal consultó en un día a más personas de las que su trabajo suele necesitar. Entre como siempre lo hace y abra la página Límites "
        "de consulta.",
        "Pregunte a esa persona si fue ella. Si no, pida al contacto de informática del distrito que cierre la cuenta ahora.",
    ),
    ("weekly views", "en"): (
        "last week's summary of viewed records",
        "The summary says which staff viewed the most students last week, and who viewed students outside their own classes.",
        "If something looks wrong, ask the person, or call the district's IT contact. Use a phone number that you know.",
    ),
    ("weekly views", "es"): (
        "resumen semanal de expedientes consultados",
        "El resumen dice quiénes del personal consultaron a más estudiantes la semana pasada, y quiénes consultaron a estudiantes que no son de sus clases.",
        "Si algo le parece extraño, pregunte a esa persona o llame al contacto de informática del distrito, a un número que usted conozca.",
    ),
    ("scores changed", "en"): (
        "scores in your classes were changed",
        "A new file from the district changed scores of your classes that families could already see: %(n)d.",
        "If you changed them, you don't need to do anything. If not, check your gradebook, and call the school office.",
    ),
    ("scores changed", "es"): (
        "cambiaron puntajes de sus clases",
        "Un archivo nuevo del distrito cambió puntajes de sus clases que las familias ya podían ver: %(n)d.",
        "Si los cambió usted, no tiene que hacer nada. Si no, revise su libro de calificaciones y llame a la oficina de la escuela.",
    ),
    ("signer revoked", "en"): (
        "a sender's key was revoked",
        "An administrator revoked a sender's key in an incident. Homeroom imports no file with this key anymore. Sign in the way you always do, "
        "and open the Incidents page. It says who did it, and why.",
        "If it is wrong, call the operator of Homeroom today. Only the operator can trust a key again. Use a phone number that you know.",
    ),
    ("signer revoked", "es"): (
        "se revocó la llave de un remitente",
        "Un administrador revocó la llave de un remitente en un incidente. Homeroom ya no importa ningún archivo con esta llave. Entre como siempre "
        "lo hace y abra la página Incidentes. Allí dice quién lo hizo y por qué.",
        "Si es un error, llame hoy al operador de Homeroom. Solo el operador puede volver a confiar en una llave. Use un número que usted conozca.",
    ),
}
