"""One API operation as a frozen, typed object, and the exact bytes it becomes."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, cast
from urllib.parse import quote, urlencode

from pydantic import MISSING, BaseModel, ConfigDict, Field, StringConstraints

R = TypeVar("R")
E = TypeVar("E", bound="type[Endpoint[Any]]")

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Id = Annotated[int, Field(gt=0)]
HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=2048)]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Flag = Literal["true", "false"]


class Effect(StrEnum):
    """What a call does to the world, from harmless to grave (DESIGN section 4)."""

    READ = "read"
    SYNC = "sync"
    DRAFT = "draft"
    ORGANISE = "organise"
    OUTBOUND = "outbound"
    CONFIG = "config"
    DESTRUCTIVE = "destructive"

    @property
    def guarded(self) -> bool:
        """Whether a person must decide first."""
        return self in {Effect.OUTBOUND, Effect.CONFIG, Effect.DESTRUCTIVE}

    @property
    def writes(self) -> bool:
        """Whether a lost answer leaves the outcome unknown."""
        return self not in {Effect.READ, Effect.SYNC}


@dataclass(frozen=True)
class Route:
    """Where and how an operation is called."""

    name: str
    verb: Verb
    path: str
    ability: str
    effect: Effect
    source: str
    answer: Any
    unwrap: str | None
    upload: bool
    also: Verb | None
    path_fields: tuple[str, ...]
    query_fields: tuple[str, ...]
    body_fields: tuple[str, ...]
    file_field: str | None


@dataclass(frozen=True)
class Request:
    """The exact request: what is digested is what is sent.

    `path` is percent-encoded, `query` sorted pairs, `body` canonical JSON (sorted keys, no blanks, UTF-8) or None.
    `form` and `file` are set for the multipart upload only.
    """

    verb: Verb
    upload: bool
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes | None
    form: tuple[tuple[str, str], ...]
    file: "LocalFile | None"

    @property
    def target(self) -> str:
        """Path with query, as it stands in the request line."""
        return self.path + ("?" + urlencode(self.query) if self.query else "")

    def digest(self, origin: str, instant: str = "") -> str:
        """SHA-256 over everything a person approves: service, verb, path, query, body, file and due instant.

        Of a file counts what is sent (bytes, name, type), not where it lies.
        """
        file = [self.file.sha256, self.file.size, self.file.name, self.file.mime] if self.file else ""
        head = json.dumps([origin, self.verb, self.path, self.query, self.form, file, instant], separators=(",", ":"))
        return hashlib.sha256(head.encode() + b"\n" + (self.body or b"")).hexdigest()


class Part(BaseModel):
    """A piece of a request body: closed, frozen, strict."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LocalFile(Part):
    """A local file to upload: its bytes are named by hash and size, so that what was approved is what is sent.

    `width` and `height` in pixels and `seconds` are what the bytes told, where they did; they are not sent.
    """

    path: str
    name: str
    mime: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]*$")]
    width: Annotated[int, Field(ge=1)] | MISSING = MISSING
    height: Annotated[int, Field(ge=1)] | MISSING = MISSING
    seconds: Annotated[float, Field(ge=0)] | MISSING = MISSING


class Endpoint(BaseModel, Generic[R]):
    """Base of all operations; `R` is the type of the answer. Absent fields are `MISSING`, never None."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    route: ClassVar[Route]

    def body(self) -> dict[str, Any]:
        """The JSON body as plain data; empty for operations without one."""
        return self.model_dump(mode="json", include=set(self.route.body_fields))

    def request(self) -> Request:
        """The exact request this call becomes."""
        route = self.route
        values = self.model_dump(mode="json")
        path = route.path.format(**{name: quote(str(values[name]), safe="") for name in route.path_fields})
        file = getattr(self, route.file_field) if route.file_field else None
        body = {name: values[name] for name in route.body_fields if name in values}
        return Request(
            verb=route.verb,
            upload=route.upload,
            path=path,
            query=tuple(sorted((name, _text(values[name])) for name in route.query_fields if name in values)),
            body=canonical(body) if route.body_fields and file is None else None,
            form=tuple((name, _text(value)) for name, value in body.items()) if file is not None else (),
            file=file,
        )


def canonical(value: object) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8. A lone surrogate raises ValueError."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.encode("utf-8")


def endpoint(
    verb: Verb,
    path: str,
    *,
    ability: str,
    effect: Effect,
    source: str,
    unwrap: str | None = None,
    upload: bool = False,
    also: Verb | None = None,
) -> Callable[[E], E]:
    """Declare where an operation lives; fields split into path, query and body by their names.

    `effect` is the class of the bare call; `policy.effects` sharpens it with what is known of the object. `unwrap` is
    the key that holds the answer, `also` a second verb to try once on 405, `upload` selects the upload host.
    """
    path_fields = tuple(name for _, name, _, _ in Formatter().parse(path) if name)

    def declare(cls: E) -> E:
        fields = cast(type[BaseModel], cls).model_fields
        rest = tuple(name for name in fields if name not in path_fields)
        file_field = next((name for name in rest if fields[name].annotation is LocalFile), None)
        in_body = tuple(name for name in rest if name != file_field)
        cls.route = Route(
            name=cls.__name__,
            verb=verb,
            path=path,
            ability=ability,
            effect=effect,
            source=source,
            answer=_answer_of(cls),
            unwrap=unwrap,
            upload=upload,
            also=also,
            path_fields=path_fields,
            query_fields=in_body if verb in {"GET", "DELETE"} else (),
            body_fields=in_body if verb not in {"GET", "DELETE"} else (),
            file_field=file_field,
        )
        return cls

    return declare


def _answer_of(cls: "type[Endpoint[Any]]") -> object:
    for base in cls.__mro__:
        metadata: Mapping[str, Any] = getattr(base, "__pydantic_generic_metadata__", {})
        if metadata.get("origin") is Endpoint:
            return metadata["args"][0]
    raise TypeError(f"{cls.__name__} names no answer type: derive it from Endpoint[Answer]")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
