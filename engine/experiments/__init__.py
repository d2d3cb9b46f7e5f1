"""Several searches as one: comparisons of methods, nested resampling, runs side by side.

An experiment is a folder with an ``experiment.json``, its tables, and ordinary runs as members in
``runs/``, each of which opens, resumes and exports like any other run.
"""
