"""The processes of one portal: its PostgreSQL, system users, the parent that forks them, and the three that serve."""
