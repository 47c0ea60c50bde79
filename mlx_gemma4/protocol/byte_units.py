"""What a GB is: as macOS shows it, memory counts by 1,024 and what lies on a disk or comes over a line by 1,000."""

from __future__ import annotations

MEMORY_MB, MEMORY_GB = 1 << 20, 1 << 30
DISK_MB, DISK_GB = 1_000_000, 1_000_000_000
