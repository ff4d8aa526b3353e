"""The list of processes: which there are, what each costs, and which of them grows."""
