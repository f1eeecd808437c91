"""Schools, terms, courses, sections, people and enrollments from the district's export."""
