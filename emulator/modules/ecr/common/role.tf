# The role with which ECR makes repositories that have tags or a KMS key. Without it, custom_role_arn counts.

data "aws_caller_identity" "current" {
  count = var.create ? 1 : 0
}

data "aws_partition" "current" {
  count = var.create ? 1 : 0
}

locals {
  kms_encrypted = var.encryption_type == "KMS"
  role_count    = var.create && var.create_iam_role && (local.kms_encrypted || length(var.resource_tags) > 0) ? 1 : 0
  role_arn      = try(aws_iam_role.this[0].arn, var.custom_role_arn)
  role_tags     = merge(var.tags, var.iam_role_tags)

  role_base_name   = try(coalesce(var.iam_role_name, var.prefix), "")
  role_name        = var.iam_role_use_name_prefix ? null : local.role_base_name
  role_name_prefix = var.iam_role_use_name_prefix ? "${local.role_base_name}-" : null

  partition    = one(data.aws_partition.current[*].partition)
  account_id   = one(data.aws_caller_identity.current[*].account_id)
  repositories = var.prefix == "ROOT" ? "*" : "${var.prefix}/*"
}

data "aws_iam_policy_document" "assume" {
  count = local.role_count

  statement {
    sid     = "ECRServiceAssumeRole"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecr.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  count = local.role_count

  name                  = local.role_name
  name_prefix           = local.role_name_prefix
  path                  = var.iam_role_path
  description           = var.iam_role_description
  assume_role_policy    = data.aws_iam_policy_document.assume[0].json
  permissions_boundary  = var.iam_role_permissions_boundary
  force_detach_policies = true
  tags                  = local.role_tags
}

data "aws_iam_policy_document" "this" {
  count = local.role_count

  statement {
    sid       = "TagResource"
    actions   = ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"]
    resources = ["arn:${local.partition}:ecr:*:${local.account_id}:repository/${local.repositories}"]
  }

  dynamic "statement" {
    for_each = local.kms_encrypted ? [var.kms_key_arn] : []

    content {
      sid       = "KMSUsage"
      actions   = ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_policy" "this" {
  count = local.role_count

  name        = local.role_name
  name_prefix = local.role_name_prefix
  # A policy's description cannot be changed in place, so this has to be the released module's.
  description = coalesce(
    var.iam_role_description,
    "ECR service policy that allows Amazon ECR to make calls to tag resources and use KMS encryption key(s) on your behalf",
  )
  policy = data.aws_iam_policy_document.this[0].json
  tags   = local.role_tags
}

resource "aws_iam_role_policy_attachment" "this" {
  count = local.role_count

  role       = aws_iam_role.this[0].name
  policy_arn = aws_iam_policy.this[0].arn
}
