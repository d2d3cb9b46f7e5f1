"""Pictures of a search: one file a picture, on any matplotlib axes, without pyplot.

Every picture is two functions. ``prepare(...)`` turns records into a frozen value of arrays and
words, among them ``summary``, the picture's text alternative. ``draw(axes, prepared, theme,
artists=None)`` puts it on ``axes``: without ``artists``, or with those of another theme, it clears
the axes and begins anew; with the artists of an earlier call it updates them in place.
"""
