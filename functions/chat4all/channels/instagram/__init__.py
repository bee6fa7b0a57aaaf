"""Instagram Direct, by the Messaging API of Meta."""
