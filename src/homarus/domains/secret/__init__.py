"""Values kept sealed; everything else holds a name."""
