"""Media sessions of conferences: WHIP in, WHEP out, and the only user of the native engine.

``engine`` says what the engine can do, ``native`` is it; ``sdp`` reads offers and writes
answers; ``room`` keeps what a conference wants shown and heard; ``adapter`` joins them to the
hall and the web.
"""
