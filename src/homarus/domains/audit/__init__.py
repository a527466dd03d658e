"""Who did what: written with the change, chained afterwards, verifiable offline."""
