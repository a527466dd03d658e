"""Looking at the whole: is this installation well, and what to do where it is not."""
