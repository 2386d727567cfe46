"""Tests whose data the server sees: no transaction holds them back, and all rows go afterwards."""

from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

# What the migrations put there.
KEPT = (
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "django_site",
    "rest_auth_migration",
    "rest_auth_setting",
)


class TestCase(TransactionTestCase):
    """Stands for Django's `TestCase`."""

    @classmethod
    def setUpTestData(cls):
        """Makes what all tests of the class have. It is gone after each, and made again."""

    @classmethod
    def _fixture_setup(cls):
        super()._fixture_setup()
        cls.setUpTestData()

    def _fixture_teardown(self):
        empty()


def empty():
    """Deletes all rows. The next user is the first again."""
    tables = [name for name in connection.introspection.table_names() if name not in KEPT]
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = ", ".join(map(connection.ops.quote_name, tables))
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY")
            return
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        users = [{"table": "auth_user", "column": "id"}]
        for statement in connection.ops.sequence_reset_by_name_sql(no_style(), users):
            cursor.execute(statement)
