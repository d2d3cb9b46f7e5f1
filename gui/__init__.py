"""The window: one client of the engine, reached over JSON lines only."""
