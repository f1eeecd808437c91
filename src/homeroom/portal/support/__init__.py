"""The operator's support: in by a grant of two administrators, for hours, reading what is masked. Nobody's names, and nothing is written."""
