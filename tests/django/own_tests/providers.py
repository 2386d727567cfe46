"""Facebook, played by a server on this machine: it answers what a test has told `responses`."""

import http.server
import threading

import responses
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.facebook.constants import GRAPH_API_URL


class Handler(http.server.BaseHTTPRequestHandler):
    """Looks for an answer to the same request at the provider's own address, whose host is the
    beginning of the path here."""

    def do_GET(self):
        url = "https:/" + self.path.split("?")[0]
        known = [entry for entry in responses.mock.registered() if entry.url == url]
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

    def log_message(self, *_):
        """Says nothing."""


class Stub:
    """The server that plays the provider."""

    def __init__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def configured(self):
        """The tables of `socialaccount.providers` for the applications in the database."""
        port = self._server.server_address[1]
        graph = GRAPH_API_URL.replace("https:/", f"http://127.0.0.1:{port}")
        apps = SocialApp.objects.filter(provider="facebook")
        return {
            app.provider: {
                "client_id": app.client_id, "secret": app.secret, "graph_api_url": graph,
            }
            for app in apps
        }

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
