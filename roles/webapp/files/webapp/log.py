"""One JSON object a line on standard error; the journal gets its priority as well."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

_JOURNAL_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}


class _JsonFormatter(logging.Formatter):
    def __init__(self, instance: int, *, journal: bool) -> None:
        super().__init__()
        self._instance = instance
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        level = record.levelname.lower()
        line: dict[str, Any] = {"level": level, "message": record.getMessage()}
        if self._instance:
            line["instance"] = self._instance
        if not self._journal:
            line["time"] = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = json.dumps(line, ensure_ascii=False, default=str)
        return f"<{_JOURNAL_PRIORITY.get(level, 5)}>{text}" if self._journal else text


def configure(level: str, instance: int = 0) -> None:
    """Send everything that is logged through one handler."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(instance, journal="JOURNAL_STREAM" in os.environ))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # one warning for each request that waits for a thread: the histogram shows that better
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
