"""A tiny backend on loopback: says who it is, and can hang up without an answer.

/drop   counts the request and hangs up
/drops  how many requests it hung up on
else    its port and the request's headers
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Backend(BaseHTTPRequestHandler):
    """Answers every request alike, whatever its method."""

    protocol_version = "HTTP/1.1"
    port = 0
    drops = 0

    def do_GET(self) -> None:
        """Read something."""
        self.answer()

    def do_POST(self) -> None:
        """Change something, for all that nginx knows."""
        self.answer()

    def answer(self) -> None:
        """Answer, or hang up."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/drop":
            Backend.drops += 1
            self.close_connection = True
            return
        answer = {
            "instance": Backend.port,
            "drops": Backend.drops,
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-ID", self.headers.get("X-Request-ID", ""))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Backend.port = int(sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", Backend.port), Backend).serve_forever()
