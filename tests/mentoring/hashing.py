"""A hasher that counts: time spent on a password is told by how often one is hashed."""

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    count = 0

    def encode(self, *args, **kwargs):
        CountingHasher.count += 1
        return super().encode(*args, **kwargs)
