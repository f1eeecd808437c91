"""The operator's side of an incident: a diary in a file that only grows, deadlines, whom to call, and drills. It needs no portal and no database."""
