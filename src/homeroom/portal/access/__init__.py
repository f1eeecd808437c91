"""Who is asking and what they may do: sessions as the web sees them, acts, the guard and row security."""
