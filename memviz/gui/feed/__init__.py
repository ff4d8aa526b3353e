"""What keeps a session up to date: who is asked, when, and away from the window's thread."""
