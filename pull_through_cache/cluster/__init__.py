"""Makes the pods of a cluster pull through the caches: with admission policies, or mirrors of container runtimes."""
