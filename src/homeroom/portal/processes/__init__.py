"""The processes of one portal: its PostgreSQL, its system users, the parent that forks them, and the three that serve pages."""
