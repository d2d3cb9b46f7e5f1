"""Tables: reading, profiling, splitting and keeping them."""
