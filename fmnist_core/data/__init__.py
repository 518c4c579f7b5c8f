"""The pictures: where they come from, and how any picture becomes one input."""
