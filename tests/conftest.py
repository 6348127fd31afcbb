"""What all tests share: hypothesis without deadlines, since a busy machine is no defect."""

from hypothesis import settings

settings.register_profile("patchcore", deadline=None, derandomize=True)
settings.load_profile("patchcore")
