"""The model wire: ready-made request bytes in, one provider message out. The only importer of openai and httpx2."""

import json
from typing import Any

import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from agent import logs
from agent.clock import Clock
from agent.errors import ModelRefused, ModelUnavailable
from agent.planner.wire import ModelReply, OnText, WireCall

TRIES = 3
_LONGEST_WORD, _MOST_TOKENS = 200, 10**9
#: Keys of a provider's message that are not sent back: empty ones, and what endpoints refuse as input.
_NOT_SENT_BACK = frozenset({"refusal", "annotations", "audio", "function_call"})


class ChatModel:
    """Any OpenAI-compatible endpoint, through the openai client without its own retries."""

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        base_url: str | None,
        clock: Clock,
        app: Any = None,
        timeout: float = 120.0,
    ) -> None:
        """`app` is an ASGI application that answers in process instead of the network."""
        self.name = name
        self._clock = clock
        transport = httpx2.ASGITransport(app=app) if app is not None else None
        self._http = httpx2.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False)
        self._client = AsyncOpenAI(api_key=api_key, base_url=base_url, max_retries=0, http_client=self._http)
        self._extra = b""
        self._log = logs.get("model")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def models(self) -> list[str]:
        """Names of the models the endpoint offers."""
        try:
            return sorted([str(model.id) async for model in self._client.models.list()])
        except openai.OpenAIError as error:
            raise _error(self.name, error) from error
        except (ValueError, TypeError, AttributeError, httpx2.HTTPError) as error:
            raise ModelUnavailable("The endpoint lists no models.", hint="Check OPENAI_BASE_URL.") from error

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(body, on_text, attempt)
            except openai.BadRequestError as error:
                if self._extra or "reasoning_effort" not in str(error):
                    raise _error(self.name, error) from error
                self._extra = b',"reasoning_effort":"none"'
            except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError) as error:
                if attempt == TRIES:
                    raise _error(self.name, error) from error
                self._log.info("model retried", model=self.name, error=type(error).__name__, attempt=attempt)
                await self._clock.sleep(_pause(error, attempt), f"before asking {self.name} again")
            except openai.OpenAIError as error:
                raise _error(self.name, error) from error
            except (httpx2.HTTPError, TimeoutError) as error:
                if attempt == TRIES:
                    raise ModelUnavailable(f"The model's answer broke off ({type(error).__name__}).") from error
        raise ModelUnavailable(f"{self.name} did not answer.")

    async def _once(self, body: bytes, on_text: OnText | None, attempt: int) -> ModelReply:
        content = body[:-1] + self._extra + b"}" if self._extra else body
        options: Any = {"headers": {"Content-Type": "application/json"}}
        if on_text is None:
            raw = await self._client.post("/chat/completions", cast_to=str, content=content, options=options)
            return read_completion(raw, attempt)
        content = content[:-1] + b',"stream":true,"stream_options":{"include_usage":true}}'
        stream = await self._client.post(
            "/chat/completions",
            cast_to=ChatCompletionChunk,
            content=content,
            options=options,
            stream=True,
            stream_cls=AsyncStream[ChatCompletionChunk],
        )
        return await _collect(stream, on_text, attempt)


def read_completion(raw: str, tries: int = 1) -> ModelReply:
    """A reply from the raw text of a completion. Raises ModelUnavailable for what is none."""
    try:
        payload = json.loads(raw)
        return _reply(payload["choices"][0]["message"], payload.get("usage") or {}, tries)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ModelUnavailable(
            "The model's endpoint answered with something that is no chat completion.", hint="Check OPENAI_BASE_URL."
        ) from error


def _reply(message: dict[str, Any], usage: dict[str, Any], tries: int) -> ModelReply:
    kept = {key: value for key, value in message.items() if value not in (None, [], "") and key not in _NOT_SENT_BACK}
    kept.setdefault("role", "assistant")
    if "content" not in kept and "tool_calls" not in kept:
        kept["content"] = ""
    calls = tuple(
        WireCall(_word(call.get("id")), _word(call["function"].get("name")), _arguments(call["function"]))
        for call in message.get("tool_calls") or ()
        if isinstance(call, dict) and isinstance(call.get("function"), dict)
    )
    text = message.get("content")
    return ModelReply(
        message=_storable(json.dumps(kept, ensure_ascii=False, separators=(",", ":"))),
        text=_storable(text) if isinstance(text, str) else "",
        calls=calls,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        tries=tries,
    )


def _arguments(function: dict[str, Any]) -> str:
    arguments = function.get("arguments")
    return (
        _storable(arguments) if isinstance(arguments, str) else json.dumps(arguments if arguments is not None else {})
    )


def _word(value: object) -> str:
    return _storable(str(value or ""))[:_LONGEST_WORD]


def _count(value: object) -> int:
    """Tokens as an endpoint counts them; nonsense is nothing."""
    return value if isinstance(value, int) and 0 <= value <= _MOST_TOKENS else 0


def _storable(text: str) -> str:
    """Text without lone surrogates, which no file and no request can hold."""
    return text.encode("utf-8", "replace").decode()


async def _collect(stream: AsyncStream[ChatCompletionChunk], on_text: OnText, tries: int) -> ModelReply:
    """Put a streamed message together, showing words as they come."""
    text: list[str] = []
    calls: dict[int, dict[str, Any]] = {}
    usage: dict[str, Any] = {}
    async for chunk in stream:
        if chunk.usage is not None:
            usage = chunk.usage.model_dump()
        for choice in chunk.choices[:1]:
            if choice.delta.content:
                text.append(choice.delta.content)
                on_text(choice.delta.content)
            for piece in choice.delta.tool_calls or ():
                call = calls.setdefault(
                    piece.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
                )
                call["id"] = piece.id or call["id"]
                if piece.function is not None:
                    call["function"]["name"] += piece.function.name or ""
                    call["function"]["arguments"] += piece.function.arguments or ""
    if not text and not calls and not usage:
        raise TimeoutError("an empty stream")
    message: dict[str, Any] = {"role": "assistant"}
    if text:
        message["content"] = "".join(text)
    if calls:
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
    return _reply(message, usage, tries)


def _pause(error: openai.OpenAIError, attempt: int) -> float:
    response = getattr(error, "response", None)
    header = response.headers.get("retry-after") if response is not None else None
    try:
        return min(float(header), 60.0) if header else 1.0 * 2 ** (attempt - 1)
    except ValueError:
        return 2.0


def _error(name: str, error: openai.OpenAIError) -> ModelRefused | ModelUnavailable:
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ModelUnavailable(
            "The model's endpoint refuses the key.", hint="Check OPENAI_API_KEY and OPENAI_BASE_URL."
        )
    if isinstance(error, openai.NotFoundError):
        return ModelUnavailable(
            f"The endpoint has no model {name!r}.", hint="Set PSA_MODEL; `psa doctor` lists what it offers."
        )
    if isinstance(error, openai.APIStatusError) and error.status_code == 402:
        return ModelUnavailable(f"{name}: the endpoint wants to be paid.", hint="Look at the account behind the key.")
    if isinstance(error, openai.APIStatusError) and error.status_code < 500 and error.status_code != 429:
        return ModelRefused(
            f"The model refused the request ({error.status_code}).", hint="`psa doctor` tries a small one."
        )
    return ModelUnavailable(
        f"The model {name} cannot be reached or does not answer ({type(error).__name__}).",
        hint="Nothing is lost: `psa runs resume` goes on later.",
    )
