"""Model calls: who may make them (bot keys), who makes them (gateways), what came of them."""
