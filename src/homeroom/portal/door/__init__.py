"""Sign-in: accounts, credentials and sessions, in their own process and with their own database login."""
