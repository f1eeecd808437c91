"""Rights transfer at 18: who keeps access, dependence, agreements and letters."""
