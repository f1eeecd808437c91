"""What runs on a district's own computer: it checks, seals and sends exports. It needs no portal and no database."""
