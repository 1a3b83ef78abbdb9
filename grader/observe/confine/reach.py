"""Which files a confined program can reach.

Named one by one, from what an interpreter and the C library need; all else is out of reach:
the home folder, other submissions, the reference solutions, results, and the sockets of the
system's services.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.model import Confinement
from grader.observe.confine.landlock import DEVICE, OWN, READ, READ_DIR, READ_FILE, TERMINAL, Grant

_GRADER = str(Path(__file__).resolve().parents[2])

_LIBRARIES = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
)
# What the C library and interpreters read of the system's settings; nothing that is secret.
_SETTINGS = (
    "/etc/alternatives",
    "/etc/debian_version",
    "/etc/default/locale",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/inputrc",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/locale.alias",
    "/etc/locale.conf",
    "/etc/localtime",
    "/etc/lsb-release",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/terminfo",
    "/etc/timezone",
)
_FOR_THE_NETWORK = ("/etc/gai.conf", "/etc/resolv.conf", "/etc/pki/tls/certs")
_KERNEL = ("/proc", "/sys/devices/system/cpu", "/sys/kernel/mm/transparent_hugepage")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
_RANDOM = ("/dev/urandom", "/dev/random")


class Reach:
    """What may be read and changed, in the kernel's terms and to ask about."""

    def __init__(
        self,
        confinement: Confinement,
        program: str,
        interpreter: bool,
        own: Sequence[str],
        terminal: str | None,
    ) -> None:
        """``program`` is the executable file, an ``interpreter`` or not; ``own`` are the
        private folders; ``terminal`` is the file of the program's terminal."""
        readable = [*_LIBRARIES, *_SETTINGS, program, *confinement.reads]
        readable += _linked(_SETTINGS)
        if interpreter:
            readable += _libraries(program)
        if confinement.network:
            readable += [*_FOR_THE_NETWORK, *_linked(_FOR_THE_NETWORK)]
        hidden = [os.path.realpath(path) for path in (*confinement.hidden, _GRADER)]
        shared = ["/dev/shm"] if confinement.shared_memory else []
        self._changeable = [*own, *shared]
        self._readable = [*readable, *_KERNEL, *_RANDOM]
        self._devices = [*_DEVICES, "/dev/tty", *([terminal] if terminal else [])]
        self._hidden = hidden
        self.grants = [
            *(Grant(path, OWN) for path in self._changeable),
            *(grant for path in readable for grant in _without(path, hidden)),
            *(Grant(path, READ_FILE | READ_DIR) for path in _KERNEL),
            *(Grant(path, READ_FILE) for path in _RANDOM),
            *(Grant(path, DEVICE) for path in _DEVICES),
            *(Grant(path, TERMINAL) for path in self._devices[len(_DEVICES) :]),
        ]

    def of_own(self, path: str) -> bool:
        """Whether a path, without links in it, is in the program's own folders."""
        return _beneath(path, self._changeable)

    def allows(self, path: str, changing: bool) -> bool:
        """Whether a path, without links in it, may be read, or changed."""
        if self.of_own(path) or path in self._devices:
            return True
        return not changing and _beneath(path, self._readable) and not _beneath(path, self._hidden)


def _beneath(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)


def _without(path: str, hidden: Sequence[str]) -> Iterator[Grant]:
    """Grants to read all beneath a path but what is hidden there."""
    path = os.path.realpath(path)
    if _beneath(path, hidden):
        return
    if not any(_beneath(each, [path]) for each in hidden):
        yield Grant(path, READ)
        return
    # Rules only ever add rights: so the others there are named one by one, and what an import
    # lists, the names alone, can be listed.
    yield Grant(path, READ_DIR)
    try:
        entries = sorted(entry.path for entry in os.scandir(path) if not entry.is_symlink())
    except OSError:
        return
    for entry in entries:
        yield from _without(entry, hidden)


def _linked(paths: Iterable[str]) -> list[str]:
    """Where those lead that are links: /etc/localtime to its zone."""
    return [os.path.realpath(path) for path in paths if os.path.islink(path)]


def _libraries(interpreter: str) -> list[str]:
    """The libraries of an interpreter that is not the system's: PREFIX/bin/python3 has them in
    PREFIX/lib (Python's Modules/getpath.py)."""
    folder = Path(interpreter).parent
    if folder.name != "bin" or _beneath(interpreter, _LIBRARIES):
        return []
    return [str(path) for path in (folder.parent / "lib", folder.parent / "lib64") if path.is_dir()]
