"""Small things that several views are made of."""
