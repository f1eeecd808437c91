"""The texts of the page of letters."""

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Reply, words_for


def ways(by_child: bool) -> dict[str, str]:
    """`by_child` says whether the district lets letters go home with children."""
    found = {"post": _("By US mail"), "office": _("Handed out at the office")}
    return found | {"child": _("Sent home with the child")} if by_child else found


def said_of(then: str) -> Reply | None:
    return words_for(then, {
        "none": (_("Check who gets a letter."), False),
        "way": (_("Choose how the letters are sent."), False),
        "printer": (_("The letters couldn’t be made, and no codes were created. Try again, or call your IT contact."), False),
        "limit": (_("Not printed. You can print 200 letters and codes in an hour. Wait, or ask another administrator to raise your limit for a day."), False),
        "refused": (_("Not printed. Someone on the list can no longer get a letter. Check the list again."), False),
    })
