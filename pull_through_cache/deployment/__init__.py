"""The models of a deployment file, and how it is read."""

from pull_through_cache.deployment.deployment import Deployment, load, read

__all__ = ["Deployment", "load", "read"]
