"""The processor: understands and groups what the collector stored, from the stored bytes."""
