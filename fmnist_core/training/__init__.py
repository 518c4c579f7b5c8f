"""Training: one function that trains, and the engine that runs it elsewhere."""
