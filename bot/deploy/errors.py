"""What goes wrong when files are written out."""


class DeployError(Exception):
    """One line that says why nothing was written."""
