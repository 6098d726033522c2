"""A compromised worker tries every door. Golden table: each attempt, and the one way in which it must end.

``killed`` = SIGSYS, reported as ``SandboxViolation``; otherwise the text that the attacker gets to see.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from isolate_host.errors import SandboxViolation
from tests.support.hostile import HostileZygote

pytestmark = [pytest.mark.adversarial, pytest.mark.timeout(180)]

RAW = "c = ctypes.CDLL(None, use_errno=True); x = c.syscall({}); result = (x, os.strerror(ctypes.get_errno()) if x < 0 else 'OK')"
KILLED = "killed"
NATIVE = (
    "m = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7); m.write({}); "
    "result = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"
)
SELF_OPEN = "os.open('/proc/self/mem', os.O_RDWR)"

ATTEMPTS: dict[str, tuple[str, str]] = {
    # files
    "open a file": ("result = open('/etc/passwd').read(10)", KILLED),
    "list the root": ("result = os.listdir('/')", KILLED),
    "stat the root": ("result = os.stat('/')", KILLED),
    "raw open": (RAW.format("2, b'/etc/passwd', 0"), KILLED),
    "raw openat": (RAW.format("257, -100, b'/etc/passwd', 0"), KILLED),
    "raw openat2": (RAW.format("437, -100, b'/etc/passwd', b'\\0' * 24, 24"), KILLED),
    "own memory": (SELF_OPEN, KILLED),
    "memfd_create": (RAW.format("319, b'x', 0"), KILLED),
    "inotify_init": (RAW.format("253"), KILLED),
    # network
    "TCP socket": ("result = socket.socket()", KILLED),
    "unix socket": ("result = socket.socket(socket.AF_UNIX)", KILLED),
    "connect on the channel": (RAW.format("42, 0, b'\\2\\0\\0\\0' * 4, 16"), KILLED),
    "send a descriptor": ("s = socket.socket(fileno=0); result = s.sendmsg([b'x'], [(1, 1, b'\\0\\0\\0\\0')])", KILLED),
    "receive a descriptor": ("s = socket.socket(fileno=0); result = s.recvmsg(10, 100)", KILLED),
    "io_uring": (RAW.format("425, 8, b'\\0' * 120"), KILLED),
    # processes
    "execve": ("os.execv('/bin/sh', ['sh'])", KILLED),
    "execveat": (RAW.format("322, -100, b'/bin/sh', 0, 0, 0"), KILLED),
    "fork": ("result = os.fork()", KILLED),
    "vfork": (RAW.format("58"), KILLED),
    "clone3": (RAW.format("435, 0, 0"), KILLED),
    "a new thread": ("result = _thread.start_new_thread(lambda: 0, ())", KILLED),
    "ptrace(TRACEME)": (RAW.format("101, 0, 0, 0, 0"), KILLED),
    "process_vm_readv": (RAW.format("310, 1, 0, 0, 0, 0, 0"), KILLED),
    "pidfd_open": (RAW.format("434, 1, 0"), KILLED),
    "kill init": ("os.kill(1, 9); result = 'sent'", KILLED),
    "kill everybody": ("os.kill(-1, 9); result = 'sent'", KILLED),
    "signal another process": (RAW.format("234, 1, 1, 9"), KILLED),
    # privileges
    "new user namespace": (RAW.format("272, 0x10000000"), KILLED),
    "setns": (RAW.format("308, 0, 0"), KILLED),
    "mount": (RAW.format("165, 0, b'/', 0, 0, 0"), KILLED),
    "chroot": (RAW.format("161, b'/'"), KILLED),
    "setuid": ("os.setuid(0); result = 'root'", KILLED),
    "raise a limit": ("resource.setrlimit(resource.RLIMIT_DATA, (-1, -1)); result = 'raised'", KILLED),
    "become dumpable": (RAW.format("157, 4, 1, 0, 0, 0"), KILLED),
    "another filter": (RAW.format("317, 1, 0, 0"), KILLED),
    "bpf": (RAW.format("321, 0, 0, 0"), KILLED),
    "userfaultfd": (RAW.format("323, 0"), KILLED),
    "perf_event_open": (RAW.format("298, 0, 0, 0, 0, 0"), KILLED),
    "keyctl": (RAW.format("250, 0, 0, 0, 0, 0"), KILLED),
    # descriptors and memory
    "dup": ("result = os.dup(0)", KILLED),
    "close the channel": ("os.close(0)", KILLED),
    "pipe": ("result = os.pipe()", KILLED),
    "map a file": ("result = mmap.mmap(0, 4096)", KILLED),
    "map shared memory": (RAW.format("9, 0, 4096, 3, 0x21, -1, 0"), "(-1, 'Operation not permitted')"),
    "map the channel": (RAW.format("9, 0, 4096, 1, 2, 0, 0"), "(-1, 'Operation not permitted')"),
    "poison by madvise": (RAW.format("28, 0, 4096, 100"), "(-1, 'Invalid argument')"),
    "priority-inheritance futex": (RAW.format("202, b'\\0' * 4, 6, 0, 0, 0, 0"), KILLED),
    "poll more than there is": (RAW.format("7, b'\\0' * 800, 100, 0"), "(-1, 'Invalid argument')"),
    # other ways into the kernel
    "x32 number": (RAW.format("0x40000000 + 39"), KILLED),
    "32-bit entry (int 0x80)": (NATIVE.format("b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3'"), KILLED),
    # what is left to it
    "environment": ("result = sorted(os.environ)", "['HOME', 'LC_ALL', 'PATH', 'TZ']"),
    "home": ("result = os.environ['HOME']", "'/nonexistent'"),
    "native code with the JIT on": (NATIVE.format("b'\\xb8\\x2a\\0\\0\\0\\xc3'"), "42"),
    "random numbers": ("result = len(os.urandom(8))", "8"),
    "clock": ("result = time.time() > 0", "True"),
    "identity": ("result = os.getpid() > 1", "True"),
}


async def check_all(zygote: HostileZygote) -> None:
    surprises = []
    for name, (code, expected) in ATTEMPTS.items():
        attacker = await zygote.attacker()
        outcome = await attacker.run(code)
        seen = KILLED if isinstance(outcome, SandboxViolation) else str(outcome)
        if seen != expected:
            surprises.append(f"{name}: expected {expected}, got {seen}")
        await attacker.end()
    assert surprises == []


@pytest.fixture
async def as_started() -> AsyncIterator[HostileZygote]:
    zygote = HostileZygote()
    await zygote.start()
    yield zygote
    await zygote.stop()


async def test_every_door_is_shut(as_started: HostileZygote) -> None:
    assert len(ATTEMPTS) >= 52
    await check_all(as_started)


@pytest.mark.skipif(os.getuid() != 0, reason="already unprivileged: the test above covered it")
async def test_every_door_is_shut_without_root() -> None:
    zygote = HostileZygote(user=65534)
    await zygote.start()
    try:
        assert zygote.layers["seccomp"] == "on"
        assert "namespaces.user" in zygote.layers
        await check_all(zygote)
    finally:
        await zygote.stop()


async def test_every_door_is_shut_where_a_container_forbids_namespaces() -> None:
    zygote = HostileZygote(container=True)
    await zygote.start()
    try:
        assert zygote.layers["empty_root"] == "off: no mount namespace"
        assert any("namespaces.net is off" in warning for warning in zygote.warnings)
        await check_all(zygote)
    finally:
        await zygote.stop()


async def test_no_page_can_be_made_executable_without_the_jit() -> None:
    from isolate_host.config import IsolationConfig

    zygote = HostileZygote(IsolationConfig(jit="off", wasm=False))
    await zygote.start()
    try:
        attacker = await zygote.attacker()
        assert "PermissionError" in str(await attacker.run(NATIVE.format("b'\\xc3'")))
        outcome = await attacker.run("m = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 3); a = ctypes.addressof(ctypes.c_char.from_buffer(m)); " + RAW.format("10, ctypes.c_long(a & ~4095), 4096, 5"))
        assert "Permission denied" in str(outcome)
        await attacker.end()
    finally:
        await zygote.stop()
