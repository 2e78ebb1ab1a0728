"""Amazon ECR pull through caches as a deployment file describes them. Only `constructs` imports cdktf."""

__version__ = "0.1.0"
