"""The only place that wires the parts: store, halls, media and web into one running server."""
