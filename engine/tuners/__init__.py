"""HPO methods: they propose configurations and hear how good they were (ask and tell).

One file a method. A new one is a file here and a line in `engine.catalog`.
"""
