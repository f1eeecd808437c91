"""Dates, times and numbers in words, the same on every page and in both languages. Values in, words out."""
