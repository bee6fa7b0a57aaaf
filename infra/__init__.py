"""What runs Chat4All: locally, by SAM, and on LocalStack."""
