"""Types of the values in a deployment file. Each one reports what is wrong and what to write."""
