"""Values that all rooms share: trials, results, cards, tables, advice. No transport."""
