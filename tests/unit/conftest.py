"""For all unit tests.

Property tests have no deadline of their own: a machine may be busy with other things. And the
logger is made before any test: it keeps the stdout that it finds first, and one that a test
captures is closed after it.
"""

from hypothesis import settings

from chat4all.observability import logger

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")
logger()
