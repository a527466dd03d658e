"""What each process is made of: the only places where things are wired."""
