"""The loop that makes bots what people want them to be. See `loop` first."""
