"""Providers, played by a server on this machine: it answers what a test has told `responses`."""

import http.server
import threading

import responses
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.facebook.constants import GRAPH_API_URL
from allauth.socialaccount.providers.twitter.views import TwitterAPI

# Where the server asks a provider, unless its table says otherwise: the key, and the address.
ADDRESSES = {
    "facebook": ("graph_api_url", GRAPH_API_URL),
    "twitter": ("identity_url", TwitterAPI._base_url),
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Looks for an answer to the same request at the provider's own address, whose host is the
    beginning of the path here."""

    def do_GET(self):
        url = "https:/" + self.path.split("?")[0]
        known = [e for e in responses.mock.registered() if (e.method, e.url) == (self.command, url)]
        if not known:
            self.send_error(502, "the test says nothing of " + url)
            return
        body = known[-1].body
        content = body.encode() if isinstance(body, str) else body
        self.send_response(known[-1].status)
        self.send_header("Content-Type", known[-1].content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *_):
        """Says nothing."""


class Stub:
    """The server that plays them."""

    def __init__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def configured(self):
        """The tables of `socialaccount.providers` for the applications in the database."""
        return {
            app.provider: {
                "client_id": app.client_id, "secret": app.secret, **self.address(app.provider),
            }
            for app in SocialApp.objects.filter(provider__in=ADDRESSES)
        }

    def address(self, provider):
        """Leads the server here."""
        key, address = ADDRESSES[provider]
        port = self._server.server_address[1]
        return {key: address.replace("https:/", f"http://127.0.0.1:{port}")}

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
