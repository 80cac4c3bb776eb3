"""Every exception of the product.

PsaError                      what went wrong, what to do next, the exit code
├── SettingsError             a setting, or a file of the home, is missing or wrong
│   ├── WrongUsage            what was typed cannot be used: an argument, a number, a time, a name
│   └── ClockWrong            this machine's clock cannot be believed
├── ApiError                  PostSyncer did not do what was asked; carries the operation's name
│   ├── NotSent               proven: the request never left (no connection, too late to send)
│   ├── NoAnswer              the request may have left, the answer never came: for a write, unknown
│   ├── ServerError           5xx: for a write, unknown
│   ├── BadAnswer             not JSON, cut off, a redirect, or a needed field is missing: for a write, unknown
│   ├── TooLarge              the answer is larger than we read
│   ├── Unauthorized          401
│   ├── Forbidden             403, with the missing ability where the service names it
│   ├── NotFound              404, 410
│   ├── Invalid               422 and other 4xx, with field errors
│   └── RateLimited           429, with when to come back
├── ModelError                the language model cannot be used
│   ├── ModelUnavailable      no request can be answered now: endpoint gone or failing, key, credit or name refused
│   └── ModelRefused          this request was refused, another may not be
├── JournalError              the journal cannot be read or written; nothing was sent after that
│   ├── Conflict              another process appended first: read again and decide again
│   └── Corrupt               a record does not fit the chain
├── Halted                    a person stopped every run of the home
├── InDoubt                   an effect's outcome cannot be read now; dealt with later
└── Declined                  what was asked is not possible in this state (unknown card, already decided …)
    ├── Denied                the policy denies a person's own call
    └── Busy                  another process advances the run
"""

from datetime import datetime
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `psa`, documented in `psa --help`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    FAILED_SAFE = 4
    STOPPED = 5
    DEFERRED = 6
    SETTINGS = 7
    SERVICE = 8
    MODEL = 9
    JOURNAL = 10


class PsaError(Exception):
    """Base of all our errors: a sentence, and what to do next."""

    exit_code = Exit.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(PsaError):
    """A setting, or a file of the home, is missing or wrong."""

    exit_code = Exit.SETTINGS


class WrongUsage(SettingsError):
    """What was typed cannot be used as it is: an argument, a number of the queue, a time, a name."""

    exit_code = Exit.USAGE


class ClockWrong(SettingsError):
    """This machine's clock jumped, or is far from PostSyncer's: expiries and due times cannot be told."""


class ApiError(PsaError):
    """PostSyncer did not do what was asked."""

    exit_code = Exit.SERVICE
    #: What the model is told: our own words, never the service's.
    kind = "error"

    def __init__(self, operation: str, message: str, *, hint: str = "", status: int = 0, body: str = "") -> None:
        super().__init__(message, hint=hint)
        self.operation = operation
        self.status = status
        self.body = body


class NotSent(ApiError):
    """Proven not to have left this machine."""

    kind = "not sent"


class NoAnswer(ApiError):
    """The request may have left; no answer came."""

    kind = "no answer"


class ServerError(ApiError):
    """A 5xx answer: a write may have been applied all the same."""

    kind = "server error"


class BadAnswer(ApiError):
    """An answer that is not what the service documents: not JSON, a redirect, a needed field missing."""

    kind = "unreadable answer"


class TooLarge(ApiError):
    """An answer larger than we are willing to read."""

    kind = "answer too large"


class Unauthorized(ApiError):
    """401: the token is missing, wrong or expired."""

    kind = "token refused"


class Forbidden(ApiError):
    """403: the token lacks an ability, or the object is somebody else's."""

    kind = "not permitted"

    def __init__(self, operation: str, message: str, *, ability: str, hint: str = "", body: str = "") -> None:
        super().__init__(operation, message, hint=hint, status=403, body=body)
        self.ability = ability


class NotFound(ApiError):
    """404: absent, or in a workspace the token cannot see."""

    kind = "not found"


class Invalid(ApiError):
    """422 and other refusals: the service checked the request and did not do it."""

    kind = "refused by the service"

    def __init__(
        self,
        operation: str,
        message: str,
        *,
        status: int,
        fields: dict[str, tuple[str, ...]],
        hint: str = "",
        body: str = "",
    ) -> None:
        super().__init__(operation, message, hint=hint, status=status, body=body)
        self.fields = fields


class RateLimited(ApiError):
    """429: certainly not applied; `retry_at` says when to come back (UTC)."""

    kind = "rate limit"

    def __init__(self, operation: str, message: str, *, retry_at: datetime, hint: str = "", body: str = "") -> None:
        super().__init__(operation, message, hint=hint, status=429, body=body)
        self.retry_at = retry_at


class ModelError(PsaError):
    """The language model cannot be used."""

    exit_code = Exit.MODEL


class ModelUnavailable(ModelError):
    """No request can be answered now: the endpoint is gone or fails, or refuses the key, the credit or the name."""


class ModelRefused(ModelError):
    """The endpoint refused this request; another may be answered."""


class JournalError(PsaError):
    """The journal cannot be read or written; nothing is sent after that."""

    exit_code = Exit.JOURNAL


class Conflict(JournalError):
    """Another process appended to the run first."""


class Corrupt(JournalError):
    """A record does not fit the chain."""


class Declined(PsaError):
    """What was asked is not possible in this state."""

    exit_code = Exit.USAGE


class Denied(Declined):
    """The policy denies a call that a person asked for themselves."""

    exit_code = Exit.REFUSED


class Busy(Declined):
    """Another process advances the run."""


class Halted(PsaError):
    """A person stopped every run of the home: nothing is read, asked or sent until they let it go on."""

    exit_code = Exit.STOPPED

    def __init__(self, recorded: str = "") -> None:
        """`recorded` says what stands in the journal and waits, such as a decision."""
        message = f"{recorded} Everything is stopped (`psa stop`)."
        super().__init__(message.lstrip(), hint="`psa resume-all` (in the browser: “Let runs go on”) lets runs go on.")


class InDoubt(PsaError):
    """An effect's outcome cannot be read now; its call stays unanswered and is dealt with later."""
