"""dj-rest-auth's own tests, asked of a running server over HTTP.

They come from its source package and are not changed. What changes is what they stand on: `client`
sends their requests to a server, `servers` starts one for each set of settings that they ask for,
`configuration` writes its configuration, `mailbox` brings its mails back, `audit` its log,
`providers` plays the services that people log in with, `database` takes the place of the
transaction that Django rolls back after each test. `modes` has them log in by session, token, or
JWT in headers or cookies. `exceptions` names the tests that cannot go this way, and `runner` holds
the outcome against it.

    DJANGO_SETTINGS_MODULE=own_tests.settings DATABASE_URL=... REST_AUTH_BINARY=... manage.py test

The database must be empty at first. Without REST_AUTH_BINARY the tests ask dj-rest-auth itself.
"""
