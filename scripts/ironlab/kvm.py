"""QEMU and KVM: /dev/kvm can be there and still not run a guest, so one is run."""

from __future__ import annotations

import os
import re
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.finding import Finding
from ironlab.process import TIMED_OUT

if TYPE_CHECKING:
    from ironlab.process import Run

QEMU = "qemu-system-x86_64"
OLDEST = 8  # QEMU 7.2 crashes new kernels under software emulation
DEVICE = Path("/dev/kvm")
SECONDS = 5.0
EXITED = 0x2A << 1 | 1  # isa-debug-exit turns a written value v into exit code v << 1 | 1


def qemu(run: Run) -> Finding:
    """The version of QEMU: for hosts as virtual machines, which the stack does not need."""
    done = run([QEMU, "--version"], timeout=SECONDS)
    found = re.search(r"version (\d+)\.(\d+)", done.out)
    if not done.ok or found is None:
        remedy = "only virtual machines need it: apt install qemu-system-x86, dnf install qemu-kvm"
        return Finding("qemu", "warn", "not installed", remedy)
    version = f"{found[1]}.{found[2]}"
    if int(found[1]) < OLDEST:
        remedy = "QEMU 8 or newer runs virtual machines; on Debian 12 it is in bookworm-backports"
        return Finding("qemu", "warn", f"{version} is too old for virtual machines", remedy)
    return Finding("qemu", "ok", version)


def works(run: Run, device: Path = DEVICE) -> Finding:
    """Whether KVM runs a guest: a boot sector that writes to QEMU's exit port."""
    if not device.exists():
        remedy = "switch virtualisation on in the firmware, or nested virtualisation in the VM"
        return Finding("kvm", "warn", f"no {device}", remedy)
    if not os.access(device, os.R_OK | os.W_OK):
        return Finding("kvm", "warn", f"no access to {device}", "join the group kvm")
    with tempfile.NamedTemporaryFile(prefix="ironlab-kvm-") as disk:
        disk.write(boot_sector())
        disk.flush()
        command = [QEMU, "-accel", "kvm", "-cpu", "host", "-m", "16", "-nodefaults", "-no-reboot"]
        command += ["-display", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
        command += ["-drive", f"file={disk.name},format=raw,if=ide,readonly=off", "-snapshot"]
        done = run(command, timeout=SECONDS)
    if done.code == EXITED:
        return Finding("kvm", "ok", "a probe guest ran")
    if "command not found" in done.err:
        remedy = "install QEMU, then run this again"
        return Finding("kvm", "warn", f"{device} is there; not checked: no QEMU", remedy)
    seen = "the probe guest hung" if done.code == TIMED_OUT else f"no guest runs: {done.reason}"
    return Finding("kvm", "warn", seen, "virtual machines will run by emulation, some 10x slower")


def boot_sector() -> bytes:
    """512 bytes: `mov al, 0x2a; out 0xf4, al; hlt; jmp $-1` and the boot signature."""
    code = bytes([0xB0, 0x2A, 0xE6, 0xF4, 0xF4, 0xEB, 0xFD])
    return code.ljust(510, b"\0") + struct.pack("<H", 0xAA55)
