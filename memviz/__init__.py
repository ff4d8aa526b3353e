"""Where a process's memory is, what it is, and how it changes."""

__version__ = "0.1.0"
