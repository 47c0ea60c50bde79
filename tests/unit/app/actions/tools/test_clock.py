"""What the clock tells a model."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.actions.tools.clock import tell_time
from app.actions.tools.failure import ToolError

MOMENT = datetime(2026, 3, 29, 0, 30, 15, tzinfo=UTC)


def test_a_moment_here_and_elsewhere() -> None:
    assert tell_time(MOMENT) == {
        "date": "2026-03-29",
        "time": "00:30:15",
        "weekday": "Sunday",
        "time_zone": "UTC",
        "utc_offset": "+00:00",
    }
    tokyo, new_york = tell_time(MOMENT, " Asia/Tokyo "), tell_time(MOMENT, "America/New_York")
    assert (tokyo["time"], tokyo["utc_offset"]) == ("09:30:15", "+09:00")
    assert (new_york["date"], new_york["weekday"], new_york["utc_offset"]) == ("2026-03-28", "Saturday", "-04:00")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "a\0b", "x" * 5000])
def test_a_zone_that_is_none_is_a_sentence(zone: str) -> None:
    with pytest.raises(ToolError, match="IANA"):
        tell_time(MOMENT, zone)
