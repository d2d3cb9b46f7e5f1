"""The messages between a front end and the engine: one JSON object a line, over stdin and stdout.

A front end sends requests (`requests`); each carries an ``id`` and gets exactly one reply with that
id (`replies`): either the reply type named in the request's docstring, or `Failed`. Slow requests
reply when they are done and can be cancelled (`Cancel`). The engine also sends events on its own
(`events`), numbered by ``seq``. `codec` turns messages into lines.

Messages are tagged by ``type``. Unknown types and fields are ignored, so that neighbours in version
understand each other; `Hello` exchanges the version. JSON has no non-finite numbers: they travel as
``{"$float": "nan" | "inf" | "-inf"}``. Values that messages carry are those of `engine.domain`.
"""
