"""Sign-in: accounts, credentials and sessions, in a process and a database login of their own."""
