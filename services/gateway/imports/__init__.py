"""A tenant's files on their way in: uploading, reading, and the jobs that import them."""
