"""Who is asking and what they may do: sessions as the web sees them, the acts, the guard, row security."""
