"""What is known of a tuning by gradient without running it. Nothing here loads JAX."""
