"""The permission bits of a region, for those who may not ask the kernel's own files."""

from memviz.proc.maps import EXECUTE, READ, SHARED, WRITE

__all__ = ["EXECUTE", "READ", "SHARED", "WRITE"]
