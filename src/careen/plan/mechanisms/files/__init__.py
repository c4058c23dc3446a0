"""Libraries, links, data and the packages of the system."""
