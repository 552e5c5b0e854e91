// Comfort for readers with JavaScript; every page works without it.
