resource "aws_ecr_pull_through_cache_rule" "this" {
  count = var.create && var.create_pull_through_cache_rule ? 1 : 0

  ecr_repository_prefix = var.prefix
  upstream_registry_url = var.upstream_registry_url
  credential_arn        = var.credential_arn
}

resource "aws_ecr_repository_creation_template" "this" {
  count = var.create ? 1 : 0

  prefix               = var.prefix
  description          = var.description
  applied_for          = var.applied_for
  custom_role_arn      = local.role_arn
  image_tag_mutability = var.image_tag_mutability
  lifecycle_policy     = var.lifecycle_policy
  repository_policy    = local.repository_policy
  resource_tags        = var.resource_tags

  dynamic "encryption_configuration" {
    for_each = var.encryption_type[*]

    content {
      encryption_type = encryption_configuration.value
      kms_key         = local.kms_encrypted ? var.kms_key_arn : null
    }
  }
}
