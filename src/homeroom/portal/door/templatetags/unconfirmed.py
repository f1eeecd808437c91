"""{% load unconfirmed %}: tells the door's pages whether a restoration is unconfirmed."""

from django import template

from homeroom.portal.door.unconfirmed import unconfirmed_since

register = template.Library()
register.simple_tag(unconfirmed_since)
