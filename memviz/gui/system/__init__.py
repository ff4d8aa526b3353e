"""The machine and the part that the process has of it, painted."""
