"""The host's Qt, if it has one: messages, a person's steps, heartbeat, facts. Never imports a binding itself."""
