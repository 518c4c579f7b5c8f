"""The networks: `build` makes one with Keras, `outline` says what it looks like without Keras."""
