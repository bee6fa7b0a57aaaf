"""A stand-in for WhatsApp Cloud API and Instagram Messaging, for demos, tests and benchmarks.

    python serve.py --port 9000                                            quiet and fast
    chalice local --port 9000 --host 127.0.0.1 --no-autoreload             the same app, slower

Providers answer under /whatsapp and /instagram; testers steer it under /sandbox.
All state ends with the process: it is in memory, but for the bytes of media, which are in a
temporary file without a name, and for what SANDBOX_JOURNAL keeps.
"""

from chalice.app import Chalice
from chalicelib.media_routes import media
from chalicelib.provider_routes import provider
from chalicelib.tester_routes import tester

app = Chalice(app_name="provider-sandbox")
app.api.binary_types = []  # media_routes says itself what is bytes, whatever a client accepts
app.register_blueprint(provider)
app.register_blueprint(media)
app.register_blueprint(tester)
