"""What shows exchanges: the table of all, and the panels about the one that is picked."""
