"""`homeroom demo --check`: named journeys, end to end on free ports, acted and looked at with outside tools."""
