"""Runs on disk: planning one, making its folder, carrying it out, listing all of them."""
