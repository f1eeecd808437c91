"""What Homeroom makes of an export, without a database: its rows, what is wrong with them, whether it is applied, held or refused."""
