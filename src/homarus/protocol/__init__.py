"""Typed messages between the control plane and its two kinds of remote process.

`supervisor` and `gateway` are two dialects over JSON WebSocket frames. Both ends
import the same structs; a message neither side knows is refused with its name.
"""
