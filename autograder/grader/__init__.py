"""What knows the answers. It imports no worker."""
