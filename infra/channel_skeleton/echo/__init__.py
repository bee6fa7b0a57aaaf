"""Echo: what scripts/new-channel starts a channel from. Say here what the channel is."""
