"""Where models are served: providers with their sealed keys, and the routes that name them."""
