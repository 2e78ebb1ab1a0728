locals {
  ignore_changes = var.enable_rotation || var.ignore_secret_changes
}

resource "aws_secretsmanager_secret" "this" {
  count = var.create ? 1 : 0

  region                         = var.region
  name                           = var.name
  name_prefix                    = var.name_prefix
  description                    = var.description
  kms_key_id                     = var.kms_key_id
  recovery_window_in_days        = var.recovery_window_in_days
  force_overwrite_replica_secret = var.force_overwrite_replica_secret
  tags                           = var.tags

  dynamic "replica" {
    for_each = var.replica != null ? var.replica : {}

    content {
      region     = coalesce(replica.value.region, replica.key)
      kms_key_id = replica.value.kms_key_id
    }
  }

  lifecycle {
    precondition {
      condition     = !var.create_random_password
      error_message = "The emulator's module makes no random passwords: set the secret's value."
    }
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  count = var.create && var.create_policy ? 1 : 0

  region              = var.region
  secret_arn          = aws_secretsmanager_secret.this[0].arn
  policy              = data.aws_iam_policy_document.this[0].json
  block_public_policy = var.block_public_policy
}

resource "aws_secretsmanager_secret_version" "this" {
  count = var.create && !local.ignore_changes ? 1 : 0

  region                   = var.region
  secret_id                = aws_secretsmanager_secret.this[0].id
  secret_string            = var.secret_string
  secret_string_wo         = var.secret_string_wo
  secret_string_wo_version = var.secret_string_wo_version
  secret_binary            = var.secret_binary
  version_stages           = var.version_stages
}

resource "aws_secretsmanager_secret_version" "ignore_changes" {
  count = var.create && local.ignore_changes ? 1 : 0

  region                   = var.region
  secret_id                = aws_secretsmanager_secret.this[0].id
  secret_string            = var.secret_string
  secret_string_wo         = var.secret_string_wo
  secret_string_wo_version = var.secret_string_wo_version
  secret_binary            = var.secret_binary
  version_stages           = var.version_stages

  lifecycle {
    ignore_changes = [secret_string, secret_binary, version_stages]
  }
}

resource "aws_secretsmanager_secret_rotation" "this" {
  count = var.create && var.enable_rotation ? 1 : 0

  region              = var.region
  secret_id           = aws_secretsmanager_secret.this[0].id
  rotation_lambda_arn = var.rotation_lambda_arn
  rotate_immediately  = var.rotate_immediately

  dynamic "rotation_rules" {
    for_each = var.rotation_rules[*]

    content {
      automatically_after_days = rotation_rules.value.automatically_after_days
      duration                 = rotation_rules.value.duration
      schedule_expression      = rotation_rules.value.schedule_expression
    }
  }
}
