"""The journey `sign-in`: each kind of person with each method, recovery without email, cards, sessions, the operator's support, and attacks that are
refused."""
