"""How Homeroom says dates, times and numbers, alike on every page and in both languages. Values in, words out."""
