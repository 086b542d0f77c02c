"""The kept process: ansible-core imported once, forked for each run of a playbook.

Started by `applying_kept.Ansible`. Reads one JSON object a line ({"argv", "log"}) and answers each
with one ({"code"}). The end of its input ends it, and the playbook that may be running.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import time

# what a run would import anyway, and each task's worker again: plugins, and what loads them
PRELOADED = (
    "ansible.cli.playbook",
    "ansible.executor.module_common",
    "ansible.executor.playbook_executor",
    "ansible.executor.process.worker",
    "ansible.plugins.action.assert",
    "ansible.plugins.action.command",
    "ansible.plugins.action.copy",
    "ansible.plugins.action.dnf",
    "ansible.plugins.action.normal",
    "ansible.plugins.action.service",
    "ansible.plugins.action.shell",
    "ansible.plugins.action.template",
    "ansible.plugins.become.sudo",
    "ansible.plugins.callback.default",
    "ansible.plugins.connection.ssh",
    "ansible.plugins.filter.core",
    "ansible.plugins.filter.encryption",
    "ansible.plugins.filter.mathstuff",
    "ansible.plugins.filter.urls",
    "ansible.plugins.filter.urlsplit",
    "ansible.plugins.inventory.yaml",
    "ansible.plugins.lookup.first_found",
    "ansible.plugins.shell.sh",
    "ansible.plugins.strategy.linear",
    "ansible.plugins.test.core",
    "ansible.plugins.test.files",
    "ansible.plugins.test.mathstuff",
    "ansible.plugins.test.uri",
    "ansible.plugins.vars.host_group_vars",
)
CRASHED = 250  # Ansible's own exit codes are lower, but for 250: unexpected exception
GRACE_SECONDS = 10.0  # for a playbook that is asked to end


def main() -> None:
    """Serve until the input ends."""
    for module in PRELOADED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # the forks share this memory, and no collection of theirs touches it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this process decides
    _say({"code": 0})
    while line := sys.stdin.readline():
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become_playbook(request["argv"], request["log"])
        _say({"code": _wait(child)})


def _say(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _become_playbook(argv: list[str], log: str) -> None:
    """Run ansible-playbook in this process, which then ends."""
    code = CRASHED
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        nothing = os.open(os.devnull, os.O_RDONLY)
        written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(nothing, 0)
        os.dup2(written, 1)
        os.dup2(written, 2)
        cli = importlib.import_module("ansible.cli.playbook").PlaybookCLI
        cli.cli_executor(["ansible-playbook", *argv])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else CRASHED
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # what the parent registered for its own end is not this process's to do


def _wait(child: int) -> int:
    """The playbook's exit code; when nobody waits for it any more, end it."""
    process = os.pidfd_open(child)
    try:
        ready, _, _ = select.select([process, sys.stdin], [], [])
        if process not in ready:  # the input has ended: no request comes before an answer
            _end(child, process)
    finally:
        os.close(process)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _end(child: int, process: int) -> None:
    os.kill(child, signal.SIGINT)  # Ansible ends its workers on it
    deadline = time.monotonic() + GRACE_SECONDS
    if not select.select([process], [], [], deadline - time.monotonic())[0]:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
