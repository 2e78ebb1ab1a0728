"""Amazon ECR pull through caches as a deployment file says them. Imports neither cdktf nor jsii."""
