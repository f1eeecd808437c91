"""Requests of families and students about a record."""

from homeroom.portal.privacy.corrections.models import Correction as Correction
