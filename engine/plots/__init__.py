"""Pictures of searches and comparisons: one file a picture, on any matplotlib axes, without pyplot.

A picture is ``prepare`` (from records to arrays and words), ``paint`` (onto axes) and one row,
``PICTURE = Picture(...)``; `engine.plots.picture` says what a row holds and has the table of all of
them, those of other packages included (entry points ``tunesmith.pictures``).
"""
