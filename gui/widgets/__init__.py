"""Controls that several pages share: flat, usable by keyboard, with accessible names."""
