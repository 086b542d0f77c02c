"""Runs the grader's commands on the graded host: the one piece of the grader that gets there.

It knows no lab. Its text is sent over ssh and run by the host's own Python (3.9 and later), as
root; it writes no file. One JSON line in is a command, one JSON line out is how it ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

CAP = 200_000  # bytes kept of each stream
GRACE = 1.0  # seconds for output that is on its way when the command has ended
TIMED_OUT = 124
ENVIRONMENT = {
    # the system's own programs first: a file in /usr/local must not answer for one of them
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin",
    "HOME": "/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/bash",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "SYSTEMD_PAGER": "",
    "SYSTEMD_COLORS": "0",
}


def read(path: str) -> str:
    """The text of a file; empty when there is none."""
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def boot_id() -> str:
    """What differs with each boot.

    In a container the kernel's id stays, so the start of the container's PID 1 is added.
    """
    found = read("/proc/sys/kernel/random/boot_id")
    if read("/run/systemd/container"):
        found += "." + read("/proc/1/stat").rpartition(")")[2].split()[19]
    return found


def full() -> list[str]:
    """The file systems on which nothing more can be written."""
    found = []
    for path in ("/", "/var", "/tmp", "/home"):  # noqa: S108 - looked at, not written
        with contextlib.suppress(OSError):
            state = os.statvfs(path)
            if state.f_blocks and not state.f_bavail:
                found.append(path)
            elif state.f_files and not state.f_favail:
                found.append(path + " (inodes)")
    return found


def run(command: str, limit: float) -> dict[str, object]:
    """Run a command in a session of its own, and let nothing of it outlive its end."""
    start = time.monotonic()
    process = subprocess.Popen(
        ["/bin/bash", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env=ENVIRONMENT,
        start_new_session=True,
    )
    kept: dict[object, bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    ended = collect(process, kept, start + limit)
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    out, err = (data.decode("utf-8", "backslashreplace") for data in kept.values())
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    if not ended:
        err += f"no end within {limit:g} s\n"
    return {
        "rc": process.returncode if ended else TIMED_OUT,
        "stdout": out,
        "stderr": err,
        "seconds": round(time.monotonic() - start, 4),
    }


def collect(process: subprocess.Popen[bytes], kept: dict[object, bytearray], end: float) -> bool:
    """Read both streams to their end; whether the command ended in time.

    What a process in the background still holds open is not waited for.
    """
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream:
                selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            now = time.monotonic()
            if now >= end:
                return process.poll() is not None
            if process.poll() is not None:
                end = min(end, now + GRACE)
            for key, _ in selector.select(min(end - now, 0.1)):
                data = os.read(key.fd, 65536)
                if data:
                    kept[key.fileobj] += data[: CAP - len(kept[key.fileobj])]
                else:
                    selector.unregister(key.fileobj)
    try:
        process.wait(max(end - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        return False
    return True


def say(answer: dict[str, object]) -> None:
    """One line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until the grader hangs up."""
    say({"boot_id": boot_id(), "full": full()})
    for line in sys.stdin:
        asked = json.loads(line)
        say(run(asked["command"], asked["limit"]))


if __name__ == "__main__":
    main()
