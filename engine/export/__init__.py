"""Exports of a run: configuration, script, model, trials, report.

One module each, with ``write(folder, to)``: ``folder`` is the run's, ``to`` the file to make. The
file appears whole or not at all. Raises, in all of them: ``InputError`` ``run.none`` if ``folder``
is no run, ``run.no_result`` if nothing has finished yet, ``export.unwritable`` if ``to`` can't be
written.
"""
