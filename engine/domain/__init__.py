"""Values that every room speaks of: trials, results, cards, tables, advice. No transport."""
