"""Constructs for cdktf apps: the parts of Amazon ECR pull through caches.

"The post" is *Setting Up Pull Through Cache Repositories in AWS ECR*; docs/post.md has a link and the file of each step.
"""

try:
    import lazy_bindings as lazy_bindings  # before cdktf: it makes the bindings load in under a second
except ModuleNotFoundError as error:
    message = f"constructs need {error.name}; install `ecr-pull-through-caches[cdktf]`"
    raise ModuleNotFoundError(message, name=error.name) from error
