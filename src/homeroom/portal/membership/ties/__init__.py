"""Access that the district sets, restrictions, contacts, and parent access that is turned off."""
