"""`homeroom demo --check`: named journeys, end to end on free ports. They act and check with outside tools."""
