"""What people did: the event store and its questions."""
