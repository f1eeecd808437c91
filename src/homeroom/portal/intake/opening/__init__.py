"""Opens a sealed file in a process of its own, and checks who signed it."""
