"""Durable hand-over from the collector to the processor: reading bodies, the queue between them, and blobs."""
