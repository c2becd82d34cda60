"""Names of what ended a process, by its system: signals, exceptions of Mach, and what the library knows of Windows."""

from typing import Any

LINUX, MACOS, WINDOWS = "Linux", "macOS", "Windows"

# platform ids of a dump's system information: Microsoft's own are small numbers, Breakpad's begin at 0x8000
SYSTEMS: dict[int, str] = {
    0x8101: MACOS,
    0x8102: "iOS",
    0x8201: LINUX,
    0x8202: "Solaris",
    0x8203: "Android",
    0x8204: "PlayStation 3",
    0x8205: "Native Client",
    0x8206: "Fuchsia",
}

CPUS: dict[int, str] = {0: "x86", 5: "arm", 6: "ia64", 9: "x86_64", 12: "arm64", 0x8003: "arm64"}

_SIGNALS: dict[int, str] = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
    9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
    16: "SIGSTKFLT", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS", 0xFFFFFFFF: "DUMP_REQUESTED",
}  # fmt: skip
_MACH: dict[int, str] = {
    1: "EXC_BAD_ACCESS", 2: "EXC_BAD_INSTRUCTION", 3: "EXC_ARITHMETIC", 4: "EXC_EMULATION", 5: "EXC_SOFTWARE",
    6: "EXC_BREAKPOINT", 7: "EXC_SYSCALL", 8: "EXC_MACH_SYSCALL", 10: "EXC_CRASH", 11: "EXC_RESOURCE", 12: "EXC_GUARD",
    0x43507378: "DUMP_REQUESTED",
}  # fmt: skip
_WINDOWS: dict[int, str] = {
    0x40010005: "DBG_CONTROL_C", 0x80000002: "EXCEPTION_DATATYPE_MISALIGNMENT", 0x80000003: "EXCEPTION_BREAKPOINT",
    0x80000004: "EXCEPTION_SINGLE_STEP", 0xC0000005: "EXCEPTION_ACCESS_VIOLATION",
    0xC0000006: "EXCEPTION_IN_PAGE_ERROR",
    0xC0000008: "EXCEPTION_INVALID_HANDLE", 0xC0000017: "STATUS_NO_MEMORY", 0xC000001D: "EXCEPTION_ILLEGAL_INSTRUCTION",
    0xC0000025: "EXCEPTION_NONCONTINUABLE_EXCEPTION", 0xC000008C: "EXCEPTION_ARRAY_BOUNDS_EXCEEDED",
    0xC000008E: "EXCEPTION_FLT_DIVIDE_BY_ZERO", 0xC0000094: "EXCEPTION_INT_DIVIDE_BY_ZERO",
    0xC0000095: "EXCEPTION_INT_OVERFLOW", 0xC0000096: "EXCEPTION_PRIV_INSTRUCTION",
    0xC00000FD: "EXCEPTION_STACK_OVERFLOW",
    0xC0000374: "STATUS_HEAP_CORRUPTION", 0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
    0xC0000602: "STATUS_FAIL_FAST_EXCEPTION",
    0xC06D007E: "MODULE_NOT_FOUND", 0xC06D007F: "PROCEDURE_NOT_FOUND", 0xE06D7363: "UNHANDLED_CPP_EXCEPTION",
    0x0517A7ED: "DUMP_REQUESTED",
}  # fmt: skip
_WITH_ACCESS = frozenset({0xC0000005, 0xC0000006})
_ACCESS = {0: "READ", 1: "WRITE", 8: "EXEC"}


def system_of(platform_id: int) -> str:
    """Return the name of the system on which a dump was made."""
    return SYSTEMS.get(platform_id, WINDOWS if platform_id < 0x8000 else "unknown")


def name_of(system: str, code: int, information: Any = ()) -> str:
    """Return what ended a process in the words of its system, like SIGSEGV or EXCEPTION_ACCESS_VIOLATION_READ."""
    if system == WINDOWS:
        name = _WINDOWS.get(code, f"EXCEPTION_{code:#010x}")
        access = _ACCESS.get(information[0]) if code in _WITH_ACCESS and information else None
        return f"{name}_{access}" if access else name
    table = _MACH if system in {MACOS, "iOS"} else _SIGNALS
    return table.get(code, f"{'EXC' if table is _MACH else 'SIGNAL'}_{code}")
