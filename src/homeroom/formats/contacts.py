"""contacts.csv: a student's contacts in the district's files, with Clever's contact columns.

It has one row per student and contact. A person with two phones has two rows. Contact_sis_id is the contact's sourcedId in users.csv, if the district has
one, and may be blank. A row proves a contact and gives no access.
"""

from homeroom.formats.columns import text, to
from homeroom.formats.spec import Column, Kind, Purpose, Table

CONTACTS = Table(
    "contacts.csv",
    (
        to("Student_id", "users", purpose=Purpose.FAMILY),
        Column("Contact_sis_id", Kind.GUID, Purpose.FAMILY),  # need not be in users.csv, since a neighbor is a contact, too
        text("Contact_name", Purpose.NAME, required=True),
        text("Contact_relationship", Purpose.FAMILY),
        text("Contact_type", Purpose.FAMILY),
        text("Contact_phone", Purpose.CONTACT),
        text("Contact_phone_type", Purpose.CONTACT),
        text("Contact_email", Purpose.CONTACT),
    ),
    into=("contact",),
    key=("Student_id", "Contact_sis_id", "Contact_name", "Contact_phone"),
)
