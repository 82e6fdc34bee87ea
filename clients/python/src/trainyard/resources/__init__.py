"""What a service has, each kind of thing in a file of its own."""
