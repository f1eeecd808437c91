"""People, as an operator enters them: accounts, access, duties, restrictions, codes, second factors, erased students."""
