"""What people may ask of their data: that it is erased, and that a file is deleted."""
