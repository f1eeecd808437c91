"""How a person comes to hold a tie, a duty or an office, and what denies it."""
