"""The readers: one file for each kind of table that Tunesmith opens."""
