"""The journey `attack`: stolen sessions, a password spray behind a proxy, and a flood."""
