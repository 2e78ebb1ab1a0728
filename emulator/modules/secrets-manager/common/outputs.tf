locals {
  versions = concat(aws_secretsmanager_secret_version.this, aws_secretsmanager_secret_version.ignore_changes)
}

output "secret_arn" {
  value = one(aws_secretsmanager_secret.this[*].arn)
}

output "secret_id" {
  value = one(aws_secretsmanager_secret.this[*].id)
}

output "secret_name" {
  value = one(aws_secretsmanager_secret.this[*].name)
}

output "secret_replica" {
  value = try(aws_secretsmanager_secret.this[0].replica, null)
}

output "secret_version_id" {
  value = one(local.versions[*].version_id)
}

output "secret_string" {
  value     = one(local.versions[*].secret_string)
  sensitive = true
}

output "secret_binary" {
  value     = one(local.versions[*].secret_binary)
  sensitive = true
}
