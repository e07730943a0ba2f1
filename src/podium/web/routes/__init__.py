"""The routes, by area. Each module makes its router from the services that it needs."""
