"""Tables that are sent, and files that come back."""
