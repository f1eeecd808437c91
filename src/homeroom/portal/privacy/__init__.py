"""The privacy office: what a family or a student can see of everything that is kept about the student."""
