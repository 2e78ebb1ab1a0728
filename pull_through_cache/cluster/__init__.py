"""What makes the pods of a cluster pull through the caches: admission policies, and mirrors of container runtimes."""
