"""Which columns a district may switch off: those that nothing else rests on. A place in a class, a score or a tie needs none of them.

Not among them, though a file may lack them: a birth date tells whether an identifier moved to another person; an excuse code, whether
an absence still waits for a reason; a contact's phone tells two rows of one contact apart; the rest says where a row belongs.
"""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "users.csv": ("middleName", "email", "sms", "phone"),
    "lineItems.csv": ("description",),
    "results.csv": ("comment",),
    "contacts.csv": ("Contact_relationship", "Contact_phone_type", "Contact_email"),
}

# Read only where the district turned preferred names on, which takes a second approval. They can tell a family what a student told only the
# school (docs/decisions/0008).
PREFERRED: dict[str, tuple[str, ...]] = {"users.csv": ("preferredGivenName", "preferredFamilyName")}


def is_preferred(file: str, column: str) -> bool:
    return column in PREFERRED.get(file, ())


def is_optional(file: str, column: str) -> bool:
    return column in OPTIONAL.get(file, ())
