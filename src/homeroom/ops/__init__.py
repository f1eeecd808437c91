"""The command line `homeroom`: what an operator or a district's IT person does."""
