"""Whether the bot is well: asked by a service manager, a load balancer, a container, Prometheus, and `status`."""
