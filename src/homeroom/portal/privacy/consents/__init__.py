"""What may be shared about a student: directory information and signed consents."""
