"""What all tests share: reproducible property tests without a time limit per example (CI machines stall)."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("project")
os.environ["MLX_GEMMA4_SETTINGS"] = "none"  # what a bench has chosen on this machine is nothing to the tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` runs the long form, and does not put up with a machine that cannot run it."""
    parser.addoption("--full", action="store_true", help="run all tests, not the short ones alone")


def is_full(config: pytest.Config) -> bool:
    """Whether the long form is wanted."""
    return bool(config.getoption("--full"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones out unless they are asked for."""
    if not is_full(config):
        left_out = [item for item in items if item.get_closest_marker("full")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[1]
