"""`homeroom host harden`: checks the host around Homeroom, and writes a firewall and a WireGuard tunnel for it."""
