"""A tuning by gradient as figures, known before it starts: what it tunes, and what each engine
would take for it. Nothing here imports JAX."""
