"""Recorded HTTP: recorded anew, or played from its file to the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import vcr


@contextmanager
def tape(
    path: Path, *, record: bool, match_on: Sequence[str], request: Callable[[Any], Any], kept: frozenset[str]
) -> Iterator[Any]:
    """A recording whose requests pass through `request` and whose answers keep the `kept` headers alone.

    What is recorded and not asked for fails, as does a request that was not recorded.
    """

    def response(answer: dict[str, Any]) -> dict[str, Any]:
        headers = answer.get("headers", {})
        answer["headers"] = {key: value for key, value in headers.items() if key.lower() in kept}
        return answer

    recorder = vcr.VCR(
        match_on=list(match_on),
        record_mode=vcr.mode.ALL if record else vcr.mode.NONE,
        before_record_request=request,
        before_record_response=response,
        decode_compressed_response=True,
    )
    with recorder.use_cassette(str(path)) as played:
        yield played
        if not record:
            assert played.all_played, f"{path.name} holds answers that were never asked for"
