"""What is shown, and the signals that tell of its changes."""
