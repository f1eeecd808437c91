"""Finds any person of the district, and shows one with links to the pages that change something."""
