"""What the kernel says: bytes in, columns out."""
