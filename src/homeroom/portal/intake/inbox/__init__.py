"""Takes sealed files into one folder, gives out receipts, and deletes files after their time."""
