"""Hyperparameter search: Optuna says what to try next, and every trial is an ordinary run on the engine."""
