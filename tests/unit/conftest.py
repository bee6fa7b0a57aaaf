"""Property tests have no deadline of their own: a machine may be busy with other things."""

from hypothesis import settings

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")
