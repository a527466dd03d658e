"""Target ``null``: a simulated platform. Nothing runs; everything can go wrong on command."""
