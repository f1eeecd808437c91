"""The pages of imports: files, decisions, changes, questions and settings."""
