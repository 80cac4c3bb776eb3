"""The offline planner as a chat-completions endpoint: an ASGI app that speaks what the openai client speaks."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.planner.offline.conversation import Conversation, read_request
from agent.planner.offline.planner import next_calls

MODEL = "offline planner"
_HELLO = "This is the offline planner. It answers only requests that offer it tools."


def build_planner_app() -> Starlette:
    """POST …/v1/chat/completions, plain and streamed, and GET …/v1/models. Stateless."""
    routes = [
        Route(f"{prefix}/v1{path}", endpoint, methods=[method])
        for prefix in ("", "/{lane:path}")
        for path, endpoint, method in (("/chat/completions", _complete, "POST"), ("/models", _models, "GET"))
    ]
    return Starlette(routes=routes)


async def _models(_: Request) -> Response:
    entry = {"id": MODEL, "object": "model", "created": 0, "owned_by": "postsyncer-agent"}
    return JSONResponse({"object": "list", "data": [entry]})


async def _complete(request: Request) -> Response:
    raw = await request.body()
    try:
        payload = json.loads(raw)
        if not isinstance(payload, dict):
            raise ValueError("the body must be a JSON object")
        message = _message(read_request(payload))
    except (ValueError, RecursionError) as error:
        fault = {"message": f"The offline planner cannot read this request: {error}", "type": "invalid_request_error"}
        return JSONResponse({"error": fault}, status_code=400)
    head = {"id": f"chatcmpl-{hashlib.sha256(raw).hexdigest()[:24]}", "created": 0}
    head["model"] = str(payload.get("model") or MODEL)
    usage = _usage(raw, message)
    if payload.get("stream"):
        options = payload.get("stream_options")
        shown = usage if isinstance(options, dict) and options.get("include_usage") else None
        return StreamingResponse(_stream(head, message, shown), media_type="text/event-stream")
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(message)}
    return JSONResponse(head | {"object": "chat.completion", "choices": [choice], "usage": usage})


def _message(conversation: Conversation) -> dict[str, Any]:
    """The assistant's message: calls, or words where no tools are offered."""
    if "finish" not in conversation.tools:
        return {"role": "assistant", "content": _HELLO}
    calls = [
        {
            "id": f"call_{conversation.replies + 1}_{index}",
            "type": "function",
            "function": {"name": call.tool, "arguments": _json(call.arguments)},
        }
        for index, call in enumerate(next_calls(conversation))
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _stream(head: dict[str, Any], message: dict[str, Any], usage: dict[str, int] | None) -> Iterator[str]:
    """Server-sent events: the role, the words or the calls piece by piece, why it ended, and what it used."""
    yield _event(head, {"role": "assistant"})
    for word in (message["content"] or "").splitlines(keepends=True):
        yield _event(head, {"content": word})
    for index, call in enumerate(message.get("tool_calls", ())):
        function = call["function"]
        opened = {"index": index, "id": call["id"], "type": "function"}
        yield _event(head, {"tool_calls": [opened | {"function": {"name": function["name"], "arguments": ""}}]})
        yield _event(head, {"tool_calls": [{"index": index, "function": {"arguments": function["arguments"]}}]})
    yield _event(head, {}, _reason(message))
    if usage is not None:
        yield f"data: {_json(head | {'object': 'chat.completion.chunk', 'choices': [], 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


def _event(head: dict[str, Any], delta: dict[str, Any], reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return f"data: {_json(head | {'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"


def _reason(message: dict[str, Any]) -> str:
    return "tool_calls" if message.get("tool_calls") else "stop"


def _usage(raw: bytes, message: dict[str, Any]) -> dict[str, int]:
    """Tokens as a quarter of the bytes: nothing is paid for them, but budgets count."""
    prompt, completion = len(raw) // 4, len(_json(message).encode("utf-8", "replace")) // 4
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
