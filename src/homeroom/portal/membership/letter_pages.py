"""Words of the page of letters."""

from django.utils.translation import gettext as _


def ways(by_child: bool) -> dict[str, str]:
    """by_child: whether the district lets letters go home with children."""
    found = {"post": _("By mail"), "office": _("Handed out at the office")}
    return found | {"child": _("Home with the child")} if by_child else found


def said_of(then: str) -> tuple[str, bool] | None:
    return {
        "none": (_("Tick whom to write to."), False),
        "way": (_("Choose how the letters go out."), False),
        "printer": (_("The letters could not be set, and no code was made. Try again, or tell your IT contact."), False),
        "refused": (_("Not printed: somebody on the list may no longer get a letter. Look at the list once more."), False),
    }.get(then)
