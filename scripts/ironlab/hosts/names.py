"""What a host may be called."""

from __future__ import annotations

import re

from ironlab.errors import ExitCode, IronlabError

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?")


def check_name(name: str) -> None:
    """Refuse what can't be a host's name."""
    if not NAME.fullmatch(name):
        remedy = "use lower-case letters, digits and dashes, 48 at most"
        raise IronlabError(f"`{name}` is no name for a host", remedy, ExitCode.USAGE)
