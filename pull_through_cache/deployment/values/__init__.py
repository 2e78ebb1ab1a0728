"""Types of the values in a deployment file. Each type reports what is wrong and what to write."""
