"""A download that is not over: its folder, and the list of what it is to become.

While it runs, everything lies in a folder beside the one that the model will have, so that half a model is never taken
for one. A file that is not complete has `.part` behind its name; the list says of each file how large it is and what
its content is, so that a download can go on where it was after anything.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

SUFFIX = ".download"
PART = ".part"
LIST = "prism-download.json"
_BLOCK = 1 << 22


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository.

    Attributes:
        digest: of its content: SHA-256 for files kept with LFS, otherwise git's SHA-1 of a blob.
        is_lfs: which of the two.
    """

    name: str
    size: int
    digest: str
    is_lfs: bool


@dataclass(frozen=True)
class Manifest:
    """What is downloaded: files of one commit, whatever the repository becomes meanwhile."""

    repository: str
    commit: str
    files: tuple[RemoteFile, ...]

    @property
    def nbytes(self) -> int:
        """Of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class PartialDownload:
    """The folder of a download."""

    folder: Path

    @classmethod
    def of(cls, models: Path, repository: str) -> PartialDownload:
        """Of a repository, in the folder for models."""
        owner, name = repository.split("/")
        return cls(models / owner / f"{name}{SUFFIX}")

    @property
    def target(self) -> Path:
        """What the folder is called in the end."""
        return self.folder.with_name(self.folder.name.removesuffix(SUFFIX))

    def part(self, file: RemoteFile) -> Path:
        """A file while it comes."""
        return self.folder / f"{file.name}{PART}"

    def done(self, file: RemoteFile) -> Path:
        """A file once it is complete and checked."""
        return self.folder / file.name

    def read(self) -> Manifest | None:
        """What was to be downloaded; None if that was never written down, or cannot be read."""
        try:
            values = json.loads((self.folder / LIST).read_text(encoding="utf-8"))
            files = tuple(RemoteFile(**file) for file in values["files"])
            return Manifest(str(values["repository"]), str(values["commit"]), files)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, manifest: Manifest) -> None:
        """Write down what is to be downloaded."""
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f"{LIST}.new"
        beside.write_text(json.dumps(asdict(manifest)), encoding="utf-8")
        os.replace(beside, self.folder / LIST)

    def here(self, manifest: Manifest) -> int:
        """Bytes that need not be fetched any more."""
        return sum(self.here_of(file) for file in manifest.files)

    def here_of(self, file: RemoteFile) -> int:
        """Bytes of one file."""
        if self.done(file).is_file():
            return file.size
        part = self.part(file)
        return min(part.stat().st_size, file.size) if part.is_file() else 0

    def finish(self) -> Path:
        """All files are here: the folder becomes the model's."""
        (self.folder / LIST).unlink(missing_ok=True)
        os.replace(self.folder, self.target)
        return self.target


def digest_of(path: Path, file: RemoteFile) -> str:
    """What a file holds, in the form in which its `digest` is given."""
    digest = hashlib.sha256() if file.is_lfs else hashlib.sha1(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
