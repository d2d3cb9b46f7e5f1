"""The review's recommendations as pure rules over facts.

`advise` turns a `Situation` (facts about the table, the catalog, the space, what a fit costs) into
ranked `Recommendation`s, each with its reason in the person's own figures and its source;
`recommended_plan` makes a whole plan of the first of each. One module a choice; in each, a tuple of
rules that are tried in order. A new rule is a function and its place in that tuple.
"""
