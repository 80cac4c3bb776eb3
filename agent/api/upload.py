"""The multipart body of an upload: streamed from disk, length known before, boundary following from the file."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from agent.api.endpoint import LocalFile, Request

_CHUNK = 256 * 1024


class FileChanged(Exception):
    """The file is gone or is no longer the one that was approved; the request's end was held back."""


def body_headers(request: Request) -> dict[str, str]:
    """Content headers of a request."""
    if request.file is None:
        return {"Content-Type": "application/json"} if request.body is not None else {}
    before, after = _envelope(request, request.file)
    return {
        "Content-Type": f"multipart/form-data; boundary={_boundary(request.file)}",
        "Content-Length": str(len(before) + request.file.size + len(after)),
    }


async def upload_body(request: Request, file: LocalFile) -> AsyncIterator[bytes]:
    """The parts in order, the file in chunks of 256 kB.

    Raises FileChanged before the last part if the file has not the size and hash that the request names: the service
    then has an unfinished request, which it cannot carry out.
    """
    before, after = _envelope(request, file)
    yield before
    digest, left = hashlib.sha256(), file.size
    try:
        with Path(file.path).open("rb") as source:  # noqa: ASYNC230 - short reads of a local file, no thread is worth it
            while chunk := source.read(min(_CHUNK, left)):
                digest.update(chunk)
                left -= len(chunk)
                yield chunk
            grown = bool(source.read(1))
    except OSError as error:
        raise FileChanged(f"{file.path} cannot be read: {error.strerror}.") from error
    if left or grown or digest.hexdigest() != file.sha256:
        raise FileChanged(f"{file.path} is no longer the file that was to be uploaded.")
    yield after


def _envelope(request: Request, file: LocalFile) -> tuple[bytes, bytes]:
    boundary = _boundary(file)
    form = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in request.form
    )
    quoted = file.name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
    return f"{form}{head}Content-Type: {file.mime}\r\n\r\n".encode(), f"\r\n--{boundary}--\r\n".encode()


def _boundary(file: LocalFile) -> str:
    return f"psa-{file.sha256[:32]}"
