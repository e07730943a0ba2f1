"""The standing directory: organisations, their venues, imports and conference templates.

Pure, like the conference: values and planning, no I/O. The store keeps them; pages show them.
"""
