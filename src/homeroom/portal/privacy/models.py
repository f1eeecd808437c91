"""Requests and choices of families and students about a record."""

from homeroom.portal.privacy.consents.models import DirectoryOptOut as DirectoryOptOut
from homeroom.portal.privacy.consents.models import SignedConsent as SignedConsent
from homeroom.portal.privacy.corrections.models import Correction as Correction
