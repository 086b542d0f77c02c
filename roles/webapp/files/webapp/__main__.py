"""The command line: `serve`, `migrate` and `check`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys

from webapp import __version__, log, release, settings
from webapp.database import ConstraintError, Database, DatabaseUnavailableError
from webapp.metrics import Metrics
from webapp.migrations import migrate

_MIGRATION_TIMEOUT = 600.0  # seconds: making an index on a large table takes its time


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or 1 with a line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        configuration = settings.load()
        if options.command == "serve":
            # half of the start-up time, which the other commands can do without
            from webapp.server import Server  # noqa: PLC0415  (see above)

            log.configure(configuration.log_level, options.instance)
            Server(configuration, options.instance).run()
        elif options.command == "migrate":
            log.configure("warning")
            patient = dataclasses.replace(configuration, db_timeout=_MIGRATION_TIMEOUT)
            database = Database(patient, Metrics(__version__, release()), "webapp-migrate")
            report = migrate(database, options.seed_users, check=options.check)
            database.close()
            sys.stdout.write(json.dumps(report.as_dict()) + "\n")
    except (settings.SettingsError, ConstraintError, DatabaseUnavailableError, OSError) as error:
        sys.stderr.write(f"webapp: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="webapp",
        description="Users and posts as JSON. Configuration: /etc/webapp/webapp.conf",
    )
    parser.add_argument("--version", action="version", version=f"{__version__} {release()}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve requests until SIGTERM")
    serve.add_argument("--instance", type=int, default=1, metavar="N", help="1 is the first")
    migration = commands.add_parser("migrate", help="bring the schema up to date, print a report")
    migration.add_argument("--check", action="store_true", help="change nothing, only report")
    migration.add_argument("--seed-users", type=int, default=0, metavar="N", help="demo users")
    commands.add_parser("check", help="read the configuration and say what is wrong with it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
