"""The JSON Schema of deployment files, for editors."""

import json

from pull_through_cache.deployment.deployment import Deployment


def schema() -> str:
    """The JSON Schema, made from the models."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**draft, **Deployment.model_json_schema()}, indent=2)
