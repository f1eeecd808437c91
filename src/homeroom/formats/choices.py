"""Columns that a district may turn off, because nothing else depends on them. A place in a class, a score or access needs none of them.

Some columns can't be turned off, though a file may lack them. A birth date shows whether an identifier moved to another person, and an excuse code whether an
absence needs a reason. A contact's phone distinguishes two rows of one contact. The rest say where a row belongs.
"""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "users.csv": ("middleName", "email", "sms", "phone"),
    "lineItems.csv": ("description",),
    "results.csv": ("comment",),
    "contacts.csv": ("Contact_relationship", "Contact_phone_type", "Contact_email"),
}

# Read only if the district turned preferred names on, which takes a second approval. They can reveal to a family what a student told only the school
# (docs/decisions/0008).
PREFERRED: dict[str, tuple[str, ...]] = {"users.csv": ("preferredGivenName", "preferredFamilyName")}


def is_preferred(file: str, column: str) -> bool:
    return column in PREFERRED.get(file, ())


def is_optional(file: str, column: str) -> bool:
    return column in OPTIONAL.get(file, ())
