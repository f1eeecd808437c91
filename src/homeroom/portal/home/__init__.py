"""The first pages of each kind of person."""
