"""What is offered to a model: views of operations, their schemas, and what their answers look like."""
