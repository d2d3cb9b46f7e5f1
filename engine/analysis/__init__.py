"""What a search's records say: pure functions of snapshots and arrays."""
