"""What is looked at after training, each file one question."""
