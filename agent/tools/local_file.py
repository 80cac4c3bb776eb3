"""A file of this machine, for upload: found inside the allowed folders, opened without following links, hashed."""

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.api.endpoint import LocalFile
from agent.text import one_line
from agent.tools.desk import Unfit
from agent.tools.probe import picture_size, video_seconds
from agent.yaml_files import nearest

#: What the service takes in one request.
MOST_BYTES = 500 * 1024 * 1024
_CHUNK = 1024 * 1024
_HEAD = 64
_KINDS = "JPEG, PNG, GIF, WebP, MP4, MOV or WebM"
_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "video/mp4": (".mp4", ".m4v"),
    "video/quicktime": (".mov",),
    "video/webm": (".webm",),
}


def local_file(path: str, folders: Sequence[str]) -> LocalFile:
    """The file with its size, hash and type read from its bytes. Raises Unfit; reads the disk.

    `folders` are real paths. A relative path is looked for in each of them.
    """
    if not folders:
        raise Unfit("No folder is open for uploads here: ask the person to name one in the settings.")
    if not path.strip() or "\0" in path:
        raise Unfit("path: the name of a file is expected.")
    roots = [Path(folder) for folder in folders]
    found = _find(path, roots)
    size, sha256, mime, told = _read(found, path)
    return LocalFile(path=str(found), name=_name(found, mime), mime=mime, size=size, sha256=sha256, **told)


def sniff(head: bytes) -> str:
    """MIME type from a file's first bytes; empty for a kind the service does not name."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        pictures = brand in {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"}
        return "" if pictures else "video/quicktime" if brand == b"qt  " else "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return "video/webm"
    return ""


def _find(path: str, roots: Sequence[Path]) -> Path:
    """The real path, which lies in one of the folders and nowhere hidden. Raises Unfit."""
    asked = Path(path)
    for root in roots:
        try:
            real = (root / asked).resolve(strict=True)
            str(real).encode()
        except (OSError, RuntimeError, ValueError):
            continue  # not there, a ring of links, or a name that is no text
        inside = next((folder for folder in roots if real.is_relative_to(folder)), None)
        if inside is not None and not any(part.startswith(".") for part in real.relative_to(inside).parts):
            return real
    raise Unfit(_not_there(asked, roots))


def _not_there(asked: Path, roots: Sequence[Path]) -> str:
    """The same words whether it is absent or out of bounds: what lies elsewhere is nobody's business."""
    shown = ", ".join(one_line(str(root), 80) for root in roots)
    return f"There is no file {one_line(str(asked), 80)} in {shown}.{nearest(asked.name, _names(roots))}"


def _names(roots: Sequence[Path]) -> list[str]:
    """Visible file names at the top of the folders, a few hundred at most."""
    names: list[str] = []
    for root in roots:
        try:
            names += [entry.name for entry in root.iterdir() if not entry.name.startswith(".") and entry.is_file()]
        except OSError:
            continue
    return sorted(one_line(name, 80) for name in names)[:300]


def _read(real: Path, asked: str) -> tuple[int, str, str, dict[str, Any]]:
    """Size, SHA-256, type, and what the same bytes tell of shape or length. Raises Unfit."""
    name = one_line(asked, 80)
    try:
        # No link is followed any more, and a pipe does not make us wait.
        handle = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Unfit(f"{name} is not a file.")
            if not 0 < status.st_size <= MOST_BYTES:
                raise Unfit(f"{name} has {status.st_size} bytes; 1 to {MOST_BYTES} (500 MB) can be uploaded.")
            size, sha256, head = _hashed(handle)
            mime = sniff(head)
            if not mime:
                raise Unfit(f"{name} is no picture or video that PostSyncer takes ({_KINDS}).")
            return size, sha256, mime, _told(handle, mime)
        finally:
            os.close(handle)
    except OSError as error:
        raise Unfit(f"{name} cannot be read ({error.strerror}).") from error


def _hashed(handle: int) -> tuple[int, str, bytes]:
    """Read to the end, no further than the limit: size, hash and head are of the same bytes."""
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := os.read(handle, _CHUNK):
        head = head or chunk[:_HEAD]
        size += len(chunk)
        if size > MOST_BYTES:
            raise Unfit("The file grew over 500 MB while it was read.")
        digest.update(chunk)
    return size, digest.hexdigest(), head


def _told(handle: int, mime: str) -> dict[str, Any]:
    """Width and height, or seconds, where the bytes tell."""
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(0)
        if mime.startswith("image/"):
            shape = picture_size(file)
            return {"width": shape[0], "height": shape[1]} if shape and min(shape) > 0 else {}
        seconds = video_seconds(file)
        return {} if seconds is None else {"seconds": seconds}


def _name(real: Path, mime: str) -> str:
    """The file's own name; the ending is that of its true type."""
    ending = real.suffix.lower()
    if ending in _ENDINGS[mime]:
        return f"{one_line(real.stem, 100)}{real.suffix}"
    known = any(ending in endings for endings in _ENDINGS.values())
    return f"{one_line(real.stem if known else real.name, 100)}{_ENDINGS[mime][0]}"
