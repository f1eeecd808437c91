"""The journey `sign-in`: each kind of person by each method, recovery without e-mail, cards, sessions, and attacks that are refused."""
