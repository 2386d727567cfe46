"""Passwords of users that live as long as a test."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Quick(PBKDF2PasswordHasher):
    """Django's default with fewer rounds; the server has the same number."""

    iterations = 1000
