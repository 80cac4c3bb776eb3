"""A file that somebody sends with a form: looked at, then kept in the folder that uploads may come from."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from starlette.datastructures import UploadFile

from agent.errors import Declined
from agent.text import one_line
from agent.tools.local_file import MOST_BYTES, sniff
from agent.tools.probe import picture_size

#: Bytes of an upload form: the largest file that PostSyncer takes, and the rest of the form.
MOST_FORM = MOST_BYTES + 1024 * 1024
#: Files of one form.
MOST_FILES = 10
_CHUNK = 1024 * 1024
_HEAD = 64
_ODD = re.compile(r"[^\w.-]+")


async def keep_upload(file: UploadFile, folders: Sequence[str]) -> str:
    """The file in the first folder that is open for uploads; answers its name there. Raises Declined."""
    if not folders:
        raise Declined("No folder is open for uploads here.", hint="Name one in PSA_MEDIA_FOLDERS, such as uploads.")
    name = one_line(file.filename or "file", 80)
    head = await file.read(_HEAD)
    mime = sniff(head)
    if not mime:
        raise Declined(
            f"{name} is no picture or video that PostSyncer takes.",
            hint="It takes JPEG, PNG, GIF, WebP, MP4, MOV and WebM.",
        )
    folder = Path(folders[0])
    part = folder / f".{secrets.token_hex(8)}.part"
    try:
        _make(folder)
        digest = await _written(file, head, part)
        if mime.startswith("image/") and not _is_picture(part):
            raise Declined(f"{name} cannot be read as a picture.", hint="Save it anew, and try again.")
        kept = folder / _kept_name(file.filename or "file", digest)
        part.replace(kept)
    except OSError as error:
        raise Declined(f"{name} cannot be kept here: {error.strerror}.", hint=f"Look at {folder}.") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return kept.name


async def _written(file: UploadFile, head: bytes, path: Path) -> str:
    """Write the file, whose beginning was read already; answers the hash of its bytes."""
    digest = hashlib.sha256()
    size = 0
    with path.open("xb") as target:
        chunk = head
        while chunk:
            size += len(chunk)
            if size > MOST_BYTES:
                raise Declined("The file is larger than the 500 MB that PostSyncer takes.", hint="Use a smaller one.")
            digest.update(chunk)
            target.write(chunk)
            chunk = await file.read(_CHUNK)
    return digest.hexdigest()


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _is_picture(path: Path) -> bool:
    with path.open("rb") as source:
        return picture_size(source) is not None


def _kept_name(name: str, digest: str) -> str:
    """The file's own name with only plain signs, and a mark of its bytes: no file is written over by another."""
    stem, dot, ending = Path(name.replace("\\", "/")).name.rpartition(".")
    stem, ending = (stem, ending) if dot else (ending, "")
    plain = _ODD.sub("-", stem).strip("-.")[:60] or "file"
    return f"{plain}-{digest[:8]}" + (f".{_ODD.sub('', ending)[:8]}" if ending else "")
