"""How a person gets access, a duty or an office, and what takes it away."""
