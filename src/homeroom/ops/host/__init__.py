"""This computer: the folder of an installation, its system users, ports and systemd units, and work as a portal's owner."""
