#!/bin/sh
# Makes containerd on this node pull through the caches of 123456789012.dkr.ecr.eu-central-1.amazonaws.com.
# Made from the deployment file every-upstream.yaml. When it has changed, run:
#   pull-through-cache cluster containerd --deployment deployments/every-upstream.yaml | sudo sh
# Not through a cache: cgr.dev; only images below cgr.dev/example.com/ are cached in chainguard, and a mirror takes all images of the registry.
# Not through a cache: 200000000001.dkr.ecr.us-east-1.amazonaws.com; the kubelet sends that registry's own password for its images, and the cache does not accept it.
# Not through a cache: public.ecr.aws; the kubelet sends that registry's own password for its images, and the cache does not accept it.
# Not through a cache: 123456789012.dkr.ecr.us-east-1.amazonaws.com; the kubelet sends that registry's own password for its images, and the cache does not accept it.
set -eu

# The kubelet gives containerd the password for ECR. So containerd must read the files that keep it to the cache.
containerd config dump | grep -A1 "cri.*[.]registry\]$" | grep -q "config_path = ['\"]/etc/containerd/certs.d[:'\"]" || {
  echo "containerd does not read /etc/containerd/certs.d: set config_path in its configuration; nothing was changed" >&2
  exit 1
}

mkdir -p /etc/containerd/certs.d/registry.k8s.io
cat > /etc/containerd/certs.d/registry.k8s.io/hosts.toml <<'EOF'
server = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/kubernetes"
override_path = true

[host."https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/kubernetes"]
  capabilities = ["pull", "resolve"]
  override_path = true
EOF

mkdir -p /etc/containerd/certs.d/quay.io
cat > /etc/containerd/certs.d/quay.io/hosts.toml <<'EOF'
server = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/quay"
override_path = true

[host."https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/quay"]
  capabilities = ["pull", "resolve"]
  override_path = true
EOF

mkdir -p /etc/containerd/certs.d/docker.io
cat > /etc/containerd/certs.d/docker.io/hosts.toml <<'EOF'
server = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/docker-hub"
override_path = true

[host."https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/docker-hub"]
  capabilities = ["pull", "resolve"]
  override_path = true
EOF

mkdir -p /etc/containerd/certs.d/ghcr.io
cat > /etc/containerd/certs.d/ghcr.io/hosts.toml <<'EOF'
server = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/github"
override_path = true

[host."https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/github"]
  capabilities = ["pull", "resolve"]
  override_path = true
EOF

mkdir -p /etc/containerd/certs.d/registry.gitlab.com
cat > /etc/containerd/certs.d/registry.gitlab.com/hosts.toml <<'EOF'
server = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/gitlab"
override_path = true

[host."https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/gitlab"]
  capabilities = ["pull", "resolve"]
  override_path = true
EOF

mkdir -p /etc/containerd/certs.d/contoso.azurecr.io
cat > /etc/containerd/certs.d/contoso.azurecr.io/hosts.toml <<'EOF'
server = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/azure"
override_path = true

[host."https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/azure"]
  capabilities = ["pull", "resolve"]
  override_path = true
EOF

cat > /etc/eks/image-credential-provider/config.json <<'EOF'
{
  "apiVersion": "kubelet.config.k8s.io/v1",
  "kind": "CredentialProviderConfig",
  "providers": [
    {
      "name": "ecr-credential-provider",
      "matchImages": [
        "*.dkr.ecr.*.amazonaws.com",
        "*.dkr-ecr.*.on.aws",
        "*.dkr.ecr-fips.*.amazonaws.com",
        "*.dkr-ecr-fips.*.on.aws",
        "public.ecr.aws",
        "ecr-public.aws.com",
        "registry.k8s.io",
        "quay.io",
        "docker.io",
        "ghcr.io",
        "registry.gitlab.com",
        "contoso.azurecr.io"
      ],
      "defaultCacheDuration": "12h",
      "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
      "env": [
        {
          "name": "AWS_REGION",
          "value": "eu-central-1"
        }
      ]
    }
  ]
}
EOF
