"""Amazon ECR pull through caches as a deployment file describes them. Imports neither cdktf nor jsii."""
