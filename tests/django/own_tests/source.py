"""The source package, fetched once and kept beside the packages of this Python."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

NAME, VERSION = "dj_rest_auth", "7.2.0"
SHA256 = "f77af37da5cf6ee28f03f283a378a2f5761860e72d1d6f2fa3d50e6286000482"


def folder():
    """The unpacked package, fetched if it is not there yet."""
    kept = Path(sys.prefix) / "source" / f"{NAME}-{VERSION}-{SHA256[:12]}"
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as work:
            unpacked = unpack(download(Path(work)), Path(work))
            try:
                os.rename(unpacked, kept)
            except OSError:
                # Another process was faster.
                if not kept.is_dir():
                    raise
    return kept


def download(into):
    """The archive, by pip, which knows where packages come from on this machine."""
    wanted = f"{NAME.replace('_', '-')}=={VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-binary", ":all:", "--dest", str(into), wanted]
    subprocess.run(command, check=True, stdout=sys.stderr)
    archive = into / f"{NAME}-{VERSION}.tar.gz"
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{archive.name} is not the one that was pinned: {found}")
    return archive


def unpack(archive, into):
    with tarfile.open(archive) as content:
        content.extractall(into, filter="data")
    return into / f"{NAME}-{VERSION}"


if __name__ == "__main__":
    print(folder())
