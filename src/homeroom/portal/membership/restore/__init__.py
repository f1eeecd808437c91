"""What outlives a lost disk: notes of access that was taken away, how a restore repeats them, and its page."""
