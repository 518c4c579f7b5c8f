"""Fashion-MNIST Studio's library: data, networks, training and analysis, without any page."""

__version__ = "0.1.0"
