"""An uploaded file, hashed while it streams in; nothing of it is kept but name, hash, size and first bytes."""

import hashlib
from collections.abc import AsyncIterator

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from agent.sandbox.context import Upload
from agent.sandbox.files import HEAD

_MOST_FIELD_BYTES = 64 * 1024


class _Form:
    """The parts of one multipart body as they arrive."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.upload: Upload | None = None
        self._headers: dict[bytes, bytes] = {}
        self._header = self._value = b""
        self._name = self._file_name = ""
        self._is_file = False
        self._data = bytearray()
        self._hash = hashlib.sha256()
        self._size = 0

    def on_part_begin(self) -> None:
        self._headers = {}
        self._data = bytearray()
        self._hash = hashlib.sha256()
        self._size = 0

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        self._file_name = options.get(b"filename", b"").decode("utf-8", "replace")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        self._size += len(piece)
        if self._is_file:
            self._hash.update(piece)
        kept = HEAD if self._is_file else _MOST_FIELD_BYTES
        self._data += piece[: max(0, kept - len(self._data))]

    def on_part_end(self) -> None:
        if not self._is_file:
            self.fields[self._name] = self._data.decode("utf-8", "replace")
        elif self._name == "file":
            self.upload = Upload(self._file_name, self._hash.hexdigest(), self._size, bytes(self._data))


async def receive_form(content_type: str, chunks: AsyncIterator[bytes]) -> tuple[dict[str, str], Upload | None]:
    """The fields and the part named `file` of a multipart body. A body that is none gives no fields."""
    _, options = parse_options_header(content_type)
    form = _Form()
    boundary = options.get(b"boundary")
    if not boundary:
        return {}, None
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": form.on_part_begin,
            "on_part_data": form.on_part_data,
            "on_part_end": form.on_part_end,
            "on_header_field": form.on_header_field,
            "on_header_value": form.on_header_value,
            "on_header_end": form.on_header_end,
            "on_headers_finished": form.on_headers_finished,
        },
    )
    try:
        async for chunk in chunks:
            parser.write(chunk)
    except MultipartParseError:
        return {}, None
    return form.fields, form.upload
