"""The words of the data sheet that stand outside its claims: the review, the contact, and how to read a proof."""

from django.utils.translation import gettext as _

from homeroom.portal.data_sheet.yearly import ITEMS, YearlyReview
from homeroom.portal.wording import dates


def role_said(role: str) -> str:
    return {
        "chief-executive": _("the operator’s chief executive"), "cto": _("the operator’s CTO"), "it": _("the operator’s IT lead"),
        "support": _("the operator’s support lead"),
    }[role]  # fmt: skip


def item_said(item: str) -> str:
    return {
        "factors": _("Second factors of staff"), "updates": _("Updates of the portal and its computer"), "restore": _("A restore from a backup, tested"),
        "drill": _("A drill of an incident"),
    }[item]  # fmt: skip


def review_said(review: YearlyReview) -> list[tuple[str, str]]:
    """Returns each item with its day. The signer is a role, because the sheet names no one."""
    return [(item_said(item), dates.dated_day(review.done[item])) for item in ITEMS]


def signed_said(review: YearlyReview) -> str:
    return _("Signed on %(day)s by %(role)s. The next review is due by %(due)s.") % {
        "day": dates.dated_day(review.signed_on), "role": role_said(review.role), "due": dates.dated_day(review.due),
    }  # fmt: skip


def overdue_said() -> str:
    return _("The yearly review is overdue.")


def none_said() -> str:
    return _("No yearly review is recorded.")
