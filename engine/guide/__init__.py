"""Recommendations of Bischl et al. (2023) as pure rules over facts.

`advise` turns a `Situation` (facts about the table, the catalog, the space, the cost of a fit) into
ranked `Recommendation`s, each with its reason in the user's own figures and its source;
`recommended_plan` makes a whole plan of the first of each. There is one module per choice, with a
tuple of rules that are tried in order. A new rule is a function and an entry in that tuple.
"""
