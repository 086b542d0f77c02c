"""Build images without the command line around: `python -m ironlab.images build el9 [el10]`."""

from __future__ import annotations

import sys

from ironlab.errors import IronlabError
from ironlab.images import build, listing


def main(arguments: list[str]) -> int:
    """Build what is named, or list what there is."""
    try:
        for name in arguments[1:] if arguments[:1] == ["build"] else ():
            build(name, print, "stand-in")
    except IronlabError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - this is a command
        return error.code
    for image in listing():
        print(image.model_dump_json())  # noqa: T201 - this is a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
