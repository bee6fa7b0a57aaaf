"""What is answered, as clients see it: one module for each resource."""
