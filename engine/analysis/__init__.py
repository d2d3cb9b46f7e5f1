"""Statistics of finished and running searches: pure functions of snapshots and arrays."""
