"""The operator's support: access to masked data for some hours, by a grant of two administrators. It shows no names and writes nothing."""
