"""Small things that several views are made of; they know no session."""
