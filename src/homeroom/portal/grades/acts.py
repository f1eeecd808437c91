"""Acts on a gradebook."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

READ_GRADEBOOK = act("gradebook", _("Read a class’s gradebook"), Risk.RECORD, "staff",
    kinds="grades", seen_by="seen_in_gradebook", about="gradebooks_of", asks="staff_of_classes", reaches="gradebooks_reached")  # fmt: skip
