"""Security events: who signed in, failed to, or changed something that matters for security. Never what a record says."""
