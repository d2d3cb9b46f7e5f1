"""The window: one client of the engine, reached over JSON lines only (design.md section 1)."""
