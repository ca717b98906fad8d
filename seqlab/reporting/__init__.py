"""What people look at: tables on the terminal, the page of a run."""
