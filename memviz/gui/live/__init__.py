"""Live plots: how the numbers of processes went while memviz looked."""
