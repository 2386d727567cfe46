"""What happened to second factors, in the log that dj-rest-auth would have written.

The tests watch its logger. The server has one log for all that happens to accounts.
"""

import logging
import re

from dj_rest_auth.mfa import audit

EVENTS = {
    "recovery_code_used": "recovery_code_used",
    "recovery_codes_generated": "recovery_codes_regenerated",
    "second_factor_failed": "verify_failed",
    "second_factor_refused": "verify_failed",
    "totp_activated": "activated",
    "totp_deactivated": "deactivated",
}
# What was refused is called after what it was to do.
FAILURES = {
    "/mfa/totp/activate": "activation_failed",
    "/mfa/totp/deactivate": "deactivation_failed",
}


def tell(path, lines):
    """Writes what the lines of a request say into dj-rest-auth's log."""
    told = [found[1] for found in (re.search(r' event="(\w+)"', line) for line in lines) if found]
    # There the codes come with the app, and are no news.
    if "totp_activated" in told:
        told = [event for event in told if event != "recovery_codes_generated"]
    for event in told:
        if event in EVENTS:
            name = EVENTS[event]
            if name == "verify_failed":
                name = FAILURES.get(path.rstrip("/"), name)
            audit.logger.log(logging.INFO, "MFA event: %s", name)
