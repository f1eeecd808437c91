"""Schools, terms, courses, sections, people and enrollments, as the district's export says."""
