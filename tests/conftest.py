"""What all tests share."""

import gc

import pytest


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
