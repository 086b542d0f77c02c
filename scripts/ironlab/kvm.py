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
COUNT = 2**26  # a tenth of a second, or some twenty seconds where each instruction is played
EXITED = 0x2A << 1 | 1  # isa-debug-exit turns a written value v into exit code v << 1 | 1


def qemu(run: Run) -> Finding:
    """The version of QEMU: for hosts as virtual machines, which the stack does not need."""
    found = version(run)
    if found is None:
        remedy = "only virtual machines need it: ./ironlab host create NAME --machine installs it"
        return Finding("qemu", "warn", "not installed", remedy)
    seen = ".".join(map(str, found))
    if found[0] < OLDEST:
        remedy = (
            f"QEMU {OLDEST} or newer is needed, for older ones crash new kernels under emulation; "
            "on Debian 12 it is in bookworm-backports"
        )
        return Finding("qemu", "warn", f"{seen} is too old for virtual machines", remedy)
    return Finding("qemu", "ok", seen)


def version(run: Run) -> tuple[int, int] | None:
    """The QEMU that is installed, major and minor; None when none is."""
    done = run([QEMU, "--version"], timeout=SECONDS)
    found = re.search(r"version (\d+)\.(\d+)", done.out)
    return (int(found[1]), int(found[2])) if done.ok and found else None


def works(run: Run, device: Path = DEVICE) -> Finding:
    """Whether KVM runs a guest at the processor's own speed: a boot sector that counts."""
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
    slow = f"the probe guest did not end within {SECONDS:g} s: KVM does not run, or is played"
    seen = slow if done.code == TIMED_OUT else f"no guest runs: {done.reason}"
    return Finding("kvm", "warn", seen, "virtual machines will run by emulation, some 10x slower")


def boot_sector() -> bytes:
    """512 bytes that go to 64-bit mode, count as fast as they can, and write to QEMU's exit port.

    Somewhere /dev/kvm only plays KVM, by one instruction after the other: it would run this sector,
    and would be slower than QEMU alone. There the counting takes longer than the probe may.
    """
    pages = 0x1000  # three tables that map the first 2 MiB, where the sector lies
    code = [
        "fa 31c0 8ed8 8ec0",  # cli; xor ax, ax; mov ds, ax; mov es, ax
        f"66 bf {_little(pages)} 0f22df",  # mov edi, pages; mov cr3, edi
        "b9 000c 66 f3 ab",  # mov cx, 0xc00; rep stosd: empty tables
        "c7 06 0010 0320",  # mov word [pages], second | 3
        "c7 06 0020 0330",  # mov word [second], third | 3
        "c7 06 0030 8300",  # mov word [third], 0 | 0x83
        "b0 20 0f22e0",  # mov al, 0x20; mov cr4, eax: physical address extension
        "66 b9 800000c0 0f32 0d 0001 0f30",  # rdmsr efer; or ax, 0x100; wrmsr: long mode
        "66 b8 11000080 0f22c0",  # mov eax, 0x80000011; mov cr0, eax: paging
        "66 0f01 16 707c",  # lgdt [0x7c70]
        "ea 4e7c 0800",  # jmp 8:0x7c4e, the next instruction
        f"b9 {_little(COUNT)} ffc9 75fc",  # mov ecx, COUNT; again: dec ecx; jnz again
        f"b0 {EXITED >> 1:02x} e6 f4 f4 eb fd",  # mov al, ...; out 0xf4, al; stop: hlt; jmp stop
    ]
    segments = struct.pack("<QQHI", 0, 0x209A << 40, 15, 0x7C60)  # none, 64-bit code; the table
    text = bytes.fromhex("".join(code)).ljust(0x60, b"\0") + segments
    return text.ljust(510, b"\0") + struct.pack("<H", 0xAA55)


def _little(value: int) -> str:
    return struct.pack("<I", value).hex()
