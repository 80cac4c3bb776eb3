"""Logs for operators: structlog to stderr, off unless PSA_LOG asks. The journal is the truth; logs are never read back.

Only names, numbers and states are logged, never a token, a text or an address with a query.
"""

import logging
import sys

import structlog

LEVELS = {"quiet": logging.CRITICAL, "info": logging.INFO, "debug": logging.DEBUG}


def configure(level: str) -> None:
    """Set up logging for this process: `quiet`, `info` or `debug`, JSON lines on stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get(room: str) -> structlog.typing.FilteringBoundLogger:
    """A logger named after its room; quiet where nobody configured logging."""
    if not structlog.is_configured():
        configure("quiet")
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(room=room)
    return logger
