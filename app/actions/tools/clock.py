"""The clock: date and time, here or in a time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.actions.tools.failure import ToolError
from mlx_gemma4.protocol.json_values import JsonObject


def tell_time(now: datetime, zone: str | None = None) -> JsonObject:
    """What the clock shows at this moment, which knows its own time zone; `zone` is a name such as Europe/Paris.

    Raises:
        ToolError: there is no such time zone.
    """
    if zone:
        try:
            now = now.astimezone(ZoneInfo(zone.strip()))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ToolError(
                f"There is no time zone {zone!r}; use a name of the IANA database such as Europe/Paris or UTC."
            ) from error
    offset = now.strftime("%z")
    return {
        "date": now.strftime("%Y-%m-%d"),
        "time": now.strftime("%H:%M:%S"),
        "weekday": now.strftime("%A"),
        "time_zone": zone.strip() if zone else now.tzname() or "local",
        "utc_offset": f"{offset[:3]}:{offset[3:5]}",
    }
