"""Tests whose data the server sees: no transaction holds them back, and all rows go afterwards."""

from django.core.management.color import no_style
from django.db import connection, transaction
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
    """Deletes all rows. The next user is the first again.

    TRUNCATE would lock whole tables, several at once, which a server that is at work may use in
    another order.
    """
    tables = [name for name in connection.introspection.table_names() if name not in KEPT]
    users = [{"table": "auth_user", "column": "id"}]
    with connection.constraint_checks_disabled(), transaction.atomic():
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_by_name_sql(no_style(), users):
            cursor.execute(statement)
