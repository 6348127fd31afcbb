"""Everything this package raises on purpose; each message is one sentence for the person at the screen.

    PatchCoreError
    ├── ConfigError     a setting that cannot work: unknown name, value out of range
    ├── DataError       a folder, image or mask that cannot be used
    ├── WeightsError    network weights that are missing, unreadable or of another network
    └── StoreError      a run, memory bank or store folder that cannot be read or written
        ├── UnknownRunError   no run of that id
        ├── MapsDroppedError  anomaly maps that somebody removed to save disk
        ├── DiskFullError     no room for what has to be written
        └── ReadOnlyError     a change to a store that has to stay as it is

The command line prints the message and exits with 2; a page shows it in place.
"""


class PatchCoreError(Exception):
    """Base of all errors that a user can cause and fix."""


class ConfigError(PatchCoreError, ValueError):
    """An invalid setting; the message gives the expected and the actual value."""


class DataError(PatchCoreError):
    """A folder, image or mask that cannot be used; the message names the path and the cause."""


class WeightsError(PatchCoreError):
    """Network weights that are missing, unreadable or belong to another network."""


class StoreError(PatchCoreError):
    """A run, memory bank or store folder that cannot be read or written."""


class UnknownRunError(StoreError):
    """No run has this id."""


class MapsDroppedError(StoreError):
    """The anomaly maps of this run were removed on request; its figures stay."""


class DiskFullError(StoreError):
    """The disk of a store is full: what could not be written is neither done nor lost."""


class ReadOnlyError(StoreError):
    """A change that PATCHCORE_READ_ONLY or the disk forbids; the message says what is not done."""
