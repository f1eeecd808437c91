"""The data sheet: one document for the district's lawyer, and a public page, made from this version's code and the portal's settings of this moment."""
