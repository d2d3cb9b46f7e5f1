"""Components for Tunesmith, one a module; `pyproject.toml` says where they are."""
