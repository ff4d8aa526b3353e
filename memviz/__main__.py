"""`python -m memviz` is the command `memviz`."""

from memviz.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
