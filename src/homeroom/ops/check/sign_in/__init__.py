"""The journey `sign-in`: each kind of person by each method, recovery without e-mail, cards, sessions, the operator let in, and attacks that are refused."""
