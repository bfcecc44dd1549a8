"""`python -m bot.command`: the same as `enrum`."""

from __future__ import annotations

from bot.command import main

if __name__ == "__main__":
    main()
