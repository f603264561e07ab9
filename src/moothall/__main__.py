"""`python -m moothall`: the same as the command `moothall`."""

from moothall.cli import main

if __name__ == "__main__":
    main()
