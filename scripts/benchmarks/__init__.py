"""How fast and how small memviz is, against its goals and beside others: `scripts/bench`, or `python -m benchmarks`.

Ours and the peer alternate in one run; what they read is compared, and nothing is kept from one round to the next.
`registry.py` is the list. To add a benchmark, write a function `Setting -> Measurement` and add an entry.
"""
