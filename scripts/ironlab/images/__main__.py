"""Build one image without the command line around: `python -m ironlab.images build el9 SOURCE`."""

from __future__ import annotations

import sys
from typing import get_args

from ironlab.errors import ExitCode, IronlabError
from ironlab.images import Source, asroot, build


def main(arguments: list[str]) -> int:
    """Build the image that is named, each step of it a line."""
    sources: dict[str, Source] = {source: source for source in get_args(Source)}
    command, name, source = [*arguments, "auto"][:3] if len(arguments) > 1 else ("", "", "")
    if command != "build" or source not in sources:
        print("usage: python -m ironlab.images build NAME [SOURCE]", file=sys.stderr)  # noqa: T201 - a command
        return ExitCode.USAGE
    try:
        build(name, lambda line: print(line, flush=True), sources[source])  # noqa: T201 - a command
    except IronlabError as error:
        print(f"{asroot.MARK}{error}", flush=True)  # noqa: T201 - a command
        return error.code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
